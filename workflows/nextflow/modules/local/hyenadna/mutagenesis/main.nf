process HYENADNA_MUTAGENESIS {
    tag "$meta.id"
    label 'process_medium'

    conda "${moduleDir}/environment.yml"
    container "hyenadna:0.1.0"

    input:
    tuple val(meta), path(regions, stageAs: 'input/*')
    tuple val(meta2), path(fasta), path(fai)
    tuple val(meta3), path(model)

    output:
    tuple val(meta), path("*.tsv.gz")   , emit: scores
    tuple val(meta), path("*.npy")      , emit: matrix, optional: true
    tuple val(meta), path("*.rows.tsv") , emit: rows, optional: true
    tuple val(meta), path("*.{svg,png}"), emit: plots, optional: true
    tuple val(meta), path("*.json")     , emit: summary
    tuple val("${task.process}"), val('hyenadna'), eval("hyenadna --version | sed 's/^hyenadna //'"), topic: versions, emit: versions_hyenadna

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    def weights = model ? "--model ${model}" : ''
    """
    hyenadna mutagenesis \\
        ${weights} \\
        --threads $task.cpus \\
        --summary ${prefix}.json \\
        --output ${prefix}.tsv.gz \\
        $args \\
        ${regions} \\
        ${fasta}
    """

    stub:
    def args = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    """
    echo $args
    echo "" | gzip > ${prefix}.tsv.gz
    echo '{}' > ${prefix}.json
    """
}
