process HYENADNA_EMBED {
    tag "$meta.id"
    label 'process_medium'

    conda "${moduleDir}/environment.yml"
    container "hyenadna:0.1.0"

    input:
    tuple val(meta), path(regions, stageAs: 'input/*')
    tuple val(meta2), path(fasta), path(fai)
    tuple val(meta3), path(model)

    output:
    tuple val(meta), path("*.{tsv.gz,npy,parquet}"), emit: embeddings
    tuple val(meta), path("*.tsv")                 , emit: rows, optional: true
    tuple val(meta), path("*.json")                , emit: summary
    tuple val("${task.process}"), val('hyenadna'), eval("hyenadna --version | sed 's/^hyenadna //'"), topic: versions, emit: versions_hyenadna

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    def suffix = args.contains('--format npy') ? 'npy' :
        args.contains('--format parquet') ? 'parquet' :
        'tsv.gz'
    def weights = model ? "--model ${model}" : ''
    """
    hyenadna embed \\
        ${weights} \\
        --threads $task.cpus \\
        --summary ${prefix}.json \\
        --output ${prefix}.${suffix} \\
        $args \\
        ${regions} \\
        ${fasta}
    """

    stub:
    def args = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    def suffix = args.contains('--format npy') ? 'npy' :
        args.contains('--format parquet') ? 'parquet' :
        'tsv.gz'
    def create = suffix.endsWith('.gz') ? "echo '' | gzip >" : "touch"
    """
    echo $args
    ${create} ${prefix}.${suffix}
    echo '{}' > ${prefix}.json
    """
}
