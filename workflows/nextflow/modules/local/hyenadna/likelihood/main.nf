process HYENADNA_LIKELIHOOD {
    tag "$meta.id"
    label 'process_medium'

    conda "${moduleDir}/environment.yml"
    container "hyenadna:0.1.0"

    input:
    tuple val(meta), path(regions, stageAs: 'input/*')
    tuple val(meta2), path(fasta), path(fai)
    tuple val(meta3), path(model)

    output:
    tuple val(meta), path("*.{tsv.gz,bedgraph.gz,bw}"), emit: likelihoods
    tuple val(meta), path("*.json")                   , emit: summary
    tuple val("${task.process}"), val('hyenadna'), eval("hyenadna --version | sed 's/^hyenadna //'"), topic: versions, emit: versions_hyenadna

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    def suffix = args.contains('--format bedgraph') ? 'bedgraph.gz' :
        args.contains('--format bigwig') ? 'bw' :
        'tsv.gz'
    def weights = model ? "--model ${model}" : ''
    """
    hyenadna likelihood \\
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
    def suffix = args.contains('--format bedgraph') ? 'bedgraph.gz' :
        args.contains('--format bigwig') ? 'bw' :
        'tsv.gz'
    def create = suffix.endsWith('.gz') ? "echo '' | gzip >" : "touch"
    """
    echo $args
    ${create} ${prefix}.${suffix}
    echo '{}' > ${prefix}.json
    """
}
