process HYENADNA_SCOREVARIANTS {
    tag "$meta.id"
    label 'process_medium'

    conda "${moduleDir}/environment.yml"
    container "hyenadna:0.1.0"

    input:
    tuple val(meta), path(vcf, stageAs: 'input/*')
    tuple val(meta2), path(fasta), path(fai)
    tuple val(meta3), path(model)

    output:
    tuple val(meta), path("*.{vcf.gz,bcf,tsv.gz,csv.gz,bed.gz,parquet}"), emit: scores
    tuple val(meta), path("*.json")                                     , emit: summary
    tuple val("${task.process}"), val('hyenadna'), eval("hyenadna --version | sed 's/^hyenadna //'"), topic: versions, emit: versions_hyenadna

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    def suffix = args.contains('--format tsv') ? 'tsv.gz' :
        args.contains('--format csv') ? 'csv.gz' :
        args.contains('--format bed') ? 'bed.gz' :
        args.contains('--format bcf') ? 'bcf' :
        args.contains('--format parquet') ? 'parquet' :
        'vcf.gz'
    def weights = model ? "--model ${model}" : ''
    """
    hyenadna score-variants \\
        ${weights} \\
        --threads $task.cpus \\
        --summary ${prefix}.json \\
        --output ${prefix}.${suffix} \\
        $args \\
        ${vcf} \\
        ${fasta}
    """

    stub:
    def args = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    def suffix = args.contains('--format tsv') ? 'tsv.gz' :
        args.contains('--format csv') ? 'csv.gz' :
        args.contains('--format bed') ? 'bed.gz' :
        args.contains('--format bcf') ? 'bcf' :
        args.contains('--format parquet') ? 'parquet' :
        'vcf.gz'
    def create = suffix.endsWith('.gz') ? "echo '' | gzip >" : "touch"
    """
    echo $args
    ${create} ${prefix}.${suffix}
    echo '{}' > ${prefix}.json
    """
}
