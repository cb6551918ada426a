// Scores the variants of a sample sheet: shards, score-variants, merge with an index, and a table of counts.

include { HYENADNA_MERGE         } from './modules/local/hyenadna/merge/main'
include { HYENADNA_SCOREVARIANTS } from './modules/local/hyenadna/scorevariants/main'

workflow {
    if (!params.input || !params.fasta) {
        error("--input SAMPLES.csv and --fasta GENOME.fa are needed")
    }

    def fasta = file(params.fasta, checkIfExists: true)
    def fai = file("${params.fasta}.fai")
    def model = params.model ? file(params.model, checkIfExists: true) : []

    // Relative paths start at the folder of the sheet.
    def sheet = file(params.input, checkIfExists: true)
    def samples = channel
        .of(sheet)
        .splitCsv(header: true)
        .map { row ->
            def vcf = row.vcf.contains('://') ? row.vcf : sheet.toAbsolutePath().parent.resolve(row.vcf).normalize()
            [row.sample, file(vcf, checkIfExists: true)]
        }

    def shards = samples
        .combine(channel.of(1..params.shards))
        .map { sample, vcf, shard -> [[id: sample, shard: shard, shards: params.shards], vcf] }

    HYENADNA_SCOREVARIANTS(
        shards,
        [[id: fasta.name], fasta, fai.exists() ? fai : []],
        [[id: 'model'], model],
    )

    // A sample is merged as soon as all of its shards are there; merge puts them in order.
    def parts = HYENADNA_SCOREVARIANTS.out.scores
        .map { meta, scores -> [meta.id, scores] }
        .groupTuple(size: params.shards)
        .map { sample, scores -> [[id: sample], scores] }

    HYENADNA_MERGE(parts)

    HYENADNA_SCOREVARIANTS.out.summary
        .map { meta, json ->
            def summary = new groovy.json.JsonSlurper().parseText(json.text)
            [meta.id, summary.records ?: 0, summary.alleles ?: 0, summary.statuses?.ok ?: 0, summary.seconds ?: 0]
        }
        .groupTuple(size: params.shards)
        .map { sample, records, alleles, scored, seconds ->
            [sample, records.sum(), alleles.sum(), scored.sum(), seconds.sum()].join('\t')
        }
        .collectFile(
            name: 'summary.tsv',
            storeDir: params.outdir,
            seed: ['sample', 'records', 'alleles', 'scored', 'seconds'].join('\t'),
            newLine: true,
            sort: true,
        )

    channel.topic('versions')
        .map { process, tool, version -> "${process.tokenize(':').last()}:\n  ${tool}: ${version}" }
        .unique()
        .collectFile(name: 'versions.yml', storeDir: params.outdir, newLine: true, sort: true)
}
