process HYENADNA_MERGE {
    tag "$meta.id"
    label 'process_single'

    conda "${moduleDir}/environment.yml"
    container "hyenadna:0.1.0"

    input:
    tuple val(meta), path(parts, stageAs: 'parts/*')

    output:
    tuple val(meta), path("*.{vcf,vcf.gz,tsv,tsv.gz,bed,bed.gz,bedgraph,bedgraph.gz}"), emit: scores
    tuple val(meta), path("*.{tbi,csi}")                                                  , emit: index, optional: true
    tuple val("${task.process}"), val('hyenadna'), eval("hyenadna --version | sed 's/^hyenadna //'"), topic: versions, emit: versions_hyenadna

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    def first = [parts].flatten().first().name
    def found = first =~ /(vcf|tsv|bedgraph|bed)(\.gz)?$/
    if (!found) {
        error("hyenadna merge joins VCF, TSV, BED and bedGraph, not ${first}")
    }
    def suffix = found[0][0]
    """
    hyenadna merge \\
        $args \\
        -o ${prefix}.${suffix} \\
        ${parts}
    """

    stub:
    def args = task.ext.args ?: ''
    def prefix = task.ext.prefix ?: "${meta.id}"
    def first = [parts].flatten().first().name
    def found = first =~ /(vcf|tsv|bedgraph|bed)(\.gz)?$/
    if (!found) {
        error("hyenadna merge joins VCF, TSV, BED and bedGraph, not ${first}")
    }
    def suffix = found[0][0]
    def create = suffix.endsWith('.gz') ? "echo '' | gzip >" : "touch"
    def index = args.contains('--write-index') ? "touch ${prefix}.${suffix}.tbi" : ''
    """
    echo $args
    ${create} ${prefix}.${suffix}
    ${index}
    """
}
