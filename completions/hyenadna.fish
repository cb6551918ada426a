# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_hyenadna_global_optspecs
    string join \n q/quiet v/verbose t/threads= device= h/help V/version
end

function __fish_hyenadna_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_hyenadna_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_hyenadna_using_subcommand
    set -l cmd (__fish_hyenadna_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c hyenadna -n "__fish_hyenadna_needs_command" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_needs_command" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_needs_command" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -s V -l version -d 'Print version'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -f -a "embed" -d 'Embed regions of a genome, or sequences: one row of numbers for each'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -f -a "score-variants" -d 'Score every ALT allele of a VCF: log-likelihood ratio and embedding distance'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -f -a "likelihood" -d 'Score regions or sequences, or each of their bases, by how well the model predicts them'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -f -a "mutagenesis" -d 'Score every change of one base in regions or sequences: saturation mutagenesis'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -f -a "train" -d 'Train a model on genomes, from scratch or from a checkpoint'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -f -a "finetune" -d 'Adapt a model to a task: classes, labels or numbers of sequences or of their bases'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -f -a "perplexity" -d 'Measure how well a model predicts a genome, in bits per base'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -f -a "evaluate" -d 'Measure how well scores separate labelled variants, or how good predictions are'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -f -a "predict" -d 'Predict classes, labels or numbers with a fine-tuned model'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -f -a "probe" -d 'Measure what the frozen embeddings of a model know about a task'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -f -a "icl" -d 'Measure in-context learning: classes named by a letter after each sequence'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -f -a "recall" -d 'Measure if a model uses its context'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -f -a "generate" -d 'Generate DNA that continues a prompt'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -f -a "project" -d 'Project vectors of `embed` to a few dimensions, as a table and a picture'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -f -a "merge" -d 'Join the outputs of shards, in the order of their input'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -f -a "bench" -d 'Measure the speed of the network at several lengths'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -f -a "models" -d 'List, inspect, convert, fetch and verify models'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -f -a "completions" -d 'Write the completion script of a shell to stdout'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -f -a "man" -d 'Write the manual pages into a folder'
complete -c hyenadna -n "__fish_hyenadna_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -l reference -d 'The same as REFERENCE' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -s r -l region -d 'Region of the reference to read in place of those of INPUT: chr1:101-200 (1-based, both ends included), chr1:101- or chr1; may be given several times' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -l shard -d 'Read only this shard of the input file, such as 2/7: the second of seven parts, of about the same size in bytes; `hyenadna merge` joins their outputs (docs/shards.md)' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -s p -l pool -d 'Pooling of the vectors of a region\'s bases into one; bins:K: the means of K equal parts, in reading direction, side by side' -r -f -a "mean\t'The mean over the bases'
max\t'The largest value of each channel'
first\t'The first base in reading direction'
last\t'The last base in reading direction: the only one computed from all others'
none\t'No pooling: one row for each base, in the order of the reference'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -s l -l layer -d 'Layer: after block N (0: the token embedding), or last (after the final norm); with commas, as in 1,last: several side by side' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -s s -l strand -d 'Strand to read; auto: the strand in the BED line, else forward' -r -f -a "auto\t'The strand in the BED line, else forward'
forward\t'The strand of the reference or the file'
reverse\t'The reverse complement'
both\t'The mean of both'
concat\t'Both side by side: forward, then reverse'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -l flank -d 'Bases on either side of a region that are read but not pooled' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -l long -d 'Treatment of regions and sequences that are longer than the model\'s context' -r -f -a "error\t'Stop with an error'
truncate\t'Read only the first bases in reading direction, up to the context'
chunk\t'Split into pieces that are read independently, and pool over all of them'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -s m -l model -d 'Model: a folder, a file (.safetensors, .ckpt, .pt, .bin) or a released name such as hyenadna-small-32k-seqlen, fetched if it is not in the cache [default: the built-in model]' -r -F -a "builtin\t''
human-1k\t''
hyenadna-tiny-1k-seqlen\t''
hyenadna-tiny-1k-seqlen-d256\t''
hyenadna-tiny-16k-seqlen-d128\t''
hyenadna-small-32k-seqlen\t''
hyenadna-medium-160k-seqlen\t''
hyenadna-medium-450k-seqlen\t''
hyenadna-large-1m-seqlen\t''"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -l n-token -d 'Input that stands for N' -r -f -a "auto\t'n if the model was trained with it, else zero'
n\t'The token of N'
pad\t'The token of padding, like the first public data loader'
zero\t'A vector of zeros'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -l batch-tokens -d 'Largest number of bases computed at once on a thread; lower it if memory runs out [default: the fastest]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -l dtype -d 'Type of the matrix products; all else is fp32. bf16 changes scores slightly (docs/performance.md)' -r -f -a "fp32\t'32 bits'
tf32\t'32 bits, of which a GPU reads the first 19 (10 of the mantissa); not on a CPU'
bf16\t'Weights and activations rounded to bfloat16'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -l cache-bytes -d 'Memory for filters that are kept between calls, such as 512M or 4G [default: a quarter of the free memory, at most 2G]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -s o -l output -d 'Output file, which appears only when complete; the suffix .gz compresses it with bgzip [default: stdout]' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -l header -d 'Header of tables [default: full; names in CSV]' -r -f -a "full\t'## lines with version, command and settings, then the column names after a #'
names\t'The column names alone, without a #'
none\t'No header'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -s W -l write-index -d 'Also write the index of the output beside it: .tbi, or .csi for contigs of more than 512 million bases; its rows must be sorted [default without a value: tbi]' -r -f -a "tbi\t'.tbi, as tabix makes: contigs of up to 512 million bases'
csi\t'.csi, for contigs of any length'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -l resume -d 'Keep the rows so far in FILE.partial when the run is killed, and go on after them when the same command runs again; they are saved every SECONDS, or with 0 after each chunk (docs/shards.md) [default without a value: 10]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -l summary -d 'Also write counts, statuses, time and model as JSON, for reports (docs/pipelines.md)' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -l format -d 'Output format [default: that of the output file\'s suffix, else tsv]' -r -f -a "tsv\t'The input\'s columns, then e0, e1, …'
npy\t'A float32 matrix, with the input\'s columns in a .tsv beside it'
parquet\t'The input\'s columns, then e0, e1, … as float32'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -l save-index -d 'Save the index of the reference beside it (.fai, .gzi)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -l check-device -d 'Compare the device with the CPU on a known sequence before the run; a GPU that is new, or new with this model, is always compared (docs/gpu.md)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -l no-header -d 'The same as --header none'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -l strict -d 'Exit with 3 if some records could not be scored or embedded'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand embed" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l reference -d 'The same as REFERENCE' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l all-snvs -d 'Score every SNV of the regions in this BED instead of a VCF, to make a table of scores' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l variant -d 'Variant to score instead of those of a VCF: CHROM:POS:REF:ALT, as in MT:3243:A:G; may be given several times' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l scores -d 'Scores to write [default: llr, embedding_l2 and embedding_cosine]' -r -f -a "all\t'All scores'
llr\t'Log-likelihood ratio of the windows: llr, llr_fwd, llr_rev'
site\t'The part of llr that comes from the alleles themselves: site, site_fwd, site_rev'
downstream\t'The rest of llr: downstream, downstream_fwd, downstream_rev'
embedding\t'Mean final hidden states: embedding_l2, embedding_cosine, embedding_inner'
jsd\t'Changes of the predictions after the variant: jsd, jsd_max, jsd_max_distance'
entropy\t'Certainty of the predictions: entropy, entropy_change'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l on-ref-mismatch -d 'Policy for records whose REF differs from the reference' -r -f -a "check\t'Keep it without scores and count it, but stop if more than half of the first 1,000 records differ: the assembly is wrong'
report\t'Keep it without scores and count it'
skip\t'Skip it and count it'
fail\t'Stop with an error'
swap\t'If the reference has the ALT allele, score it with REF and ALT exchanged (status swapped); keep other records without scores'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l on-missing-contig -d 'Policy for records whose contig is not in the reference' -r -f -a "report\t'Keep it without scores and count it'
skip\t'Skip it and count it'
fail\t'Stop with an error'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l sample -d 'Sample of --phase [default: the only one]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l known -d 'Carry over the scores of an earlier run: only alleles that TABLE, a TSV or VCF that score-variants wrote with the same model, reference and settings, does not have are scored (docs/known.md)' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l info-prefix -d 'Prefix of the INFO fields in VCF and BCF output' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l shard -d 'Read only this shard of the input file, such as 2/7: the second of seven parts, of about the same size in bytes; `hyenadna merge` joins their outputs (docs/shards.md)' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -s c -l context -d 'Length of a window, in bases [default: the model\'s context]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -s w -l window -d 'Placement of the window around a variant, which affects its scores' -r -f -a "centered\t'Centred on the variant'
tiled\t'On a grid, so that nearby variants share windows: each has at least a quarter of the context on either side'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -s d -l downstream -d 'Read and count only the N bases downstream of the variant on each strand: much faster with a long context, but the scores differ [default: all bases of the window]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -s s -l strand -d 'Strands to read' -r -f -a "both\t'Both strands; scores are the mean of both'
forward\t'The strand of the reference'
reverse\t'The reverse complement'
gene\t'The strand of the gene that contains the variant; both strands outside genes and where genes of both strands overlap (needs --genes)'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l genes -d 'Genes with their strands for --strand gene: BED (column 6), GTF or GFF3' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l circular -d 'Circular contigs, such as MT: windows wrap around the origin' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l null -d 'Rank each score among those of N (10 or more) random variants of the same class (trinucleotide and ALT of an SNV; insertion; deletion): adds columns with percentiles' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l null-regions -d 'Draw null variants from these regions [default: the whole reference]' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l seed -d 'Seed of the draw of null variants [default: 0]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l save-null -d 'Save the scores of null variants, of all classes, for --use-null' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l use-null -d 'Rank among null variants that --save-null saved, instead of drawing new ones' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -s m -l model -d 'Model: a folder, a file (.safetensors, .ckpt, .pt, .bin) or a released name such as hyenadna-small-32k-seqlen, fetched if it is not in the cache [default: the built-in model]' -r -F -a "builtin\t''
human-1k\t''
hyenadna-tiny-1k-seqlen\t''
hyenadna-tiny-1k-seqlen-d256\t''
hyenadna-tiny-16k-seqlen-d128\t''
hyenadna-small-32k-seqlen\t''
hyenadna-medium-160k-seqlen\t''
hyenadna-medium-450k-seqlen\t''
hyenadna-large-1m-seqlen\t''"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l n-token -d 'Input that stands for N' -r -f -a "auto\t'n if the model was trained with it, else zero'
n\t'The token of N'
pad\t'The token of padding, like the first public data loader'
zero\t'A vector of zeros'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l batch-tokens -d 'Largest number of bases computed at once on a thread; lower it if memory runs out [default: the fastest]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l dtype -d 'Type of the matrix products; all else is fp32. bf16 changes scores slightly (docs/performance.md)' -r -f -a "fp32\t'32 bits'
tf32\t'32 bits, of which a GPU reads the first 19 (10 of the mantissa); not on a CPU'
bf16\t'Weights and activations rounded to bfloat16'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l cache-bytes -d 'Memory for filters that are kept between calls, such as 512M or 4G [default: a quarter of the free memory, at most 2G]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -s o -l output -d 'Output file, which appears only when complete; the suffix .gz compresses it with bgzip [default: stdout]' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l header -d 'Header of tables [default: full; names in CSV]' -r -f -a "full\t'## lines with version, command and settings, then the column names after a #'
names\t'The column names alone, without a #'
none\t'No header'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -s W -l write-index -d 'Also write the index of the output beside it: .tbi, or .csi for contigs of more than 512 million bases; its rows must be sorted [default without a value: tbi]' -r -f -a "tbi\t'.tbi, as tabix makes: contigs of up to 512 million bases'
csi\t'.csi, for contigs of any length'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l resume -d 'Keep the rows so far in FILE.partial when the run is killed, and go on after them when the same command runs again; they are saved every SECONDS, or with 0 after each chunk (docs/shards.md) [default without a value: 10]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l summary -d 'Also write counts, statuses, time and model as JSON, for reports (docs/pipelines.md)' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l format -d 'Output format [default: that of the output file\'s suffix, else tsv]' -r -f -a "tsv\t'A row for each ALT allele; tabix can index it'
vcf\t'The input with INFO fields added'
bcf\t'Like vcf, but in binary form'
bed\t'A region for each ALT allele, with its scores as columns; for bedtools'
csv\t'Like tsv, with commas and plain column names'
parquet\t'Like tsv, with typed columns'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l save-index -d 'Save the index of the reference beside it (.fai, .gzi)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l normalize -d 'Move insertions and deletions to the left as far as they can go before they are scored, as `bcftools norm` does; rows keep the alleles of the input'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l phase -d 'Score each allele together with the other alleles of its haplotype, from the phased genotypes of a sample; the VCF must be sorted'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l length-correct -d 'Subtract the effect of indel length on llr, as fitted to null indels: adds the column llr_length_corrected, which is ranked instead of llr'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l check-device -d 'Compare the device with the CPU on a known sequence before the run; a GPU that is new, or new with this model, is always compared (docs/gpu.md)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l no-header -d 'The same as --header none'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -l strict -d 'Exit with 3 if some records could not be scored or embedded'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand score-variants" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -l reference -d 'The same as REFERENCE' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -s r -l region -d 'Region of the reference to read in place of those of INPUT: chr1:101-200 (1-based, both ends included), chr1:101- or chr1; may be given several times' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -l shard -d 'Read only this shard of the input file, such as 2/7: the second of seven parts, of about the same size in bytes; `hyenadna merge` joins their outputs (docs/shards.md)' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -s s -l strand -d 'Strand to read; both: the mean of the two for each base' -r -f -a "forward\t'The strand of the reference or the file'
reverse\t'The reverse complement'
both\t'The mean of both for each base; one of them where only that one has a prediction'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -l track -d 'Number that a bedGraph or bigWig shows [default: log_probability]' -r -f -a "log_probability\t'log P of the observed base, in nats'
entropy\t'Entropy of the prediction, in bits'
p_A\t'P of A'
p_C\t'P of C'
p_G\t'P of G'
p_T\t'P of T'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -s c -l context -d 'Length of a window, in bases [default: the model\'s context]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -l min-context -d 'Fewest bases before each predicted base, where available [default: half the context]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -s m -l model -d 'Model: a folder, a file (.safetensors, .ckpt, .pt, .bin) or a released name such as hyenadna-small-32k-seqlen, fetched if it is not in the cache [default: the built-in model]' -r -F -a "builtin\t''
human-1k\t''
hyenadna-tiny-1k-seqlen\t''
hyenadna-tiny-1k-seqlen-d256\t''
hyenadna-tiny-16k-seqlen-d128\t''
hyenadna-small-32k-seqlen\t''
hyenadna-medium-160k-seqlen\t''
hyenadna-medium-450k-seqlen\t''
hyenadna-large-1m-seqlen\t''"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -l n-token -d 'Input that stands for N' -r -f -a "auto\t'n if the model was trained with it, else zero'
n\t'The token of N'
pad\t'The token of padding, like the first public data loader'
zero\t'A vector of zeros'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -l batch-tokens -d 'Largest number of bases computed at once on a thread; lower it if memory runs out [default: the fastest]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -l dtype -d 'Type of the matrix products; all else is fp32. bf16 changes scores slightly (docs/performance.md)' -r -f -a "fp32\t'32 bits'
tf32\t'32 bits, of which a GPU reads the first 19 (10 of the mantissa); not on a CPU'
bf16\t'Weights and activations rounded to bfloat16'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -l cache-bytes -d 'Memory for filters that are kept between calls, such as 512M or 4G [default: a quarter of the free memory, at most 2G]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -s o -l output -d 'Output file, which appears only when complete; the suffix .gz compresses it with bgzip [default: stdout]' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -l header -d 'Header of tables [default: full; names in CSV]' -r -f -a "full\t'## lines with version, command and settings, then the column names after a #'
names\t'The column names alone, without a #'
none\t'No header'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -s W -l write-index -d 'Also write the index of the output beside it: .tbi, or .csi for contigs of more than 512 million bases; its rows must be sorted [default without a value: tbi]' -r -f -a "tbi\t'.tbi, as tabix makes: contigs of up to 512 million bases'
csi\t'.csi, for contigs of any length'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -l resume -d 'Keep the rows so far in FILE.partial when the run is killed, and go on after them when the same command runs again; they are saved every SECONDS, or with 0 after each chunk (docs/shards.md) [default without a value: 10]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -l summary -d 'Also write counts, statuses, time and model as JSON, for reports (docs/pipelines.md)' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -l format -d 'Output format [default: that of the output file\'s suffix, else tsv]' -r -f -a "tsv\t'A table'
bedgraph\t'One number for each base, for genome browsers; see --track'
bigwig\t'Like bedgraph, but compressed and indexed; to a file only'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -l save-index -d 'Save the index of the reference beside it (.fai, .gzi)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -l per-base -d 'Write a row for each base: its log-probability, the entropy, and P of A, C, G and T'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -l no-flank -d 'Read regions without the bases of the contig before them'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -l check-device -d 'Compare the device with the CPU on a known sequence before the run; a GPU that is new, or new with this model, is always compared (docs/gpu.md)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -l no-header -d 'The same as --header none'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -l strict -d 'Exit with 3 if some records could not be scored or embedded'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand likelihood" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -l reference -d 'The same as REFERENCE' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -s r -l region -d 'Region of the reference to read in place of those of INPUT: chr1:101-200 (1-based, both ends included), chr1:101- or chr1; may be given several times' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -l shard -d 'Read only this shard of the input file, such as 2/7: the second of seven parts, of about the same size in bytes; `hyenadna merge` joins their outputs (docs/shards.md)' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -l scores -d 'Scores to write; --matrix and --plot show the first [default: llr]' -r -f -a "all\t'All scores'
llr\t'Log-likelihood ratio of the windows: llr, llr_fwd, llr_rev'
site\t'The part of llr that comes from the alleles themselves: site, site_fwd, site_rev'
downstream\t'The rest of llr: downstream, downstream_fwd, downstream_rev'
embedding\t'Mean final hidden states: embedding_l2, embedding_cosine, embedding_inner'
jsd\t'Changes of the predictions after the variant: jsd, jsd_max, jsd_max_distance'
entropy\t'Certainty of the predictions: entropy, entropy_change'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -l matrix -d 'Also write a float32 matrix: a row for each base, and a column each for A, C, G, T (and, with --deletions, for the deletion); 0 for the base itself, NaN for N. A table beside it names its rows: effects.rows.tsv for effects.npy' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -l plot -d 'Draw each region or sequence as a heat map and a sequence logo: PREFIX.1.svg, PREFIX.1.png, …' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -s c -l context -d 'Length of a window, in bases [default: the model\'s context]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -s w -l window -d 'Placement of the window around a variant, which affects its scores' -r -f -a "centered\t'Centred on the variant'
tiled\t'On a grid, so that nearby variants share windows: each has at least a quarter of the context on either side'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -s d -l downstream -d 'Read and count only the N bases downstream of the variant on each strand: much faster with a long context, but the scores differ [default: all bases of the window]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -s s -l strand -d 'Strands to read' -r -f -a "both\t'Both strands; scores are the mean of both'
forward\t'The strand of the reference'
reverse\t'The reverse complement'
gene\t'The strand of the gene that contains the variant; both strands outside genes and where genes of both strands overlap (needs --genes)'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -l genes -d 'Genes with their strands for --strand gene: BED (column 6), GTF or GFF3' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -l circular -d 'Circular contigs, such as MT: windows wrap around the origin' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -s m -l model -d 'Model: a folder, a file (.safetensors, .ckpt, .pt, .bin) or a released name such as hyenadna-small-32k-seqlen, fetched if it is not in the cache [default: the built-in model]' -r -F -a "builtin\t''
human-1k\t''
hyenadna-tiny-1k-seqlen\t''
hyenadna-tiny-1k-seqlen-d256\t''
hyenadna-tiny-16k-seqlen-d128\t''
hyenadna-small-32k-seqlen\t''
hyenadna-medium-160k-seqlen\t''
hyenadna-medium-450k-seqlen\t''
hyenadna-large-1m-seqlen\t''"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -l n-token -d 'Input that stands for N' -r -f -a "auto\t'n if the model was trained with it, else zero'
n\t'The token of N'
pad\t'The token of padding, like the first public data loader'
zero\t'A vector of zeros'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -l batch-tokens -d 'Largest number of bases computed at once on a thread; lower it if memory runs out [default: the fastest]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -l dtype -d 'Type of the matrix products; all else is fp32. bf16 changes scores slightly (docs/performance.md)' -r -f -a "fp32\t'32 bits'
tf32\t'32 bits, of which a GPU reads the first 19 (10 of the mantissa); not on a CPU'
bf16\t'Weights and activations rounded to bfloat16'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -l cache-bytes -d 'Memory for filters that are kept between calls, such as 512M or 4G [default: a quarter of the free memory, at most 2G]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -s o -l output -d 'Output file, which appears only when complete; the suffix .gz compresses it with bgzip [default: stdout]' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -l header -d 'Header of tables [default: full; names in CSV]' -r -f -a "full\t'## lines with version, command and settings, then the column names after a #'
names\t'The column names alone, without a #'
none\t'No header'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -s W -l write-index -d 'Also write the index of the output beside it: .tbi, or .csi for contigs of more than 512 million bases; its rows must be sorted [default without a value: tbi]' -r -f -a "tbi\t'.tbi, as tabix makes: contigs of up to 512 million bases'
csi\t'.csi, for contigs of any length'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -l resume -d 'Keep the rows so far in FILE.partial when the run is killed, and go on after them when the same command runs again; they are saved every SECONDS, or with 0 after each chunk (docs/shards.md) [default without a value: 10]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -l summary -d 'Also write counts, statuses, time and model as JSON, for reports (docs/pipelines.md)' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -l save-index -d 'Save the index of the reference beside it (.fai, .gzi)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -l fast -d 'Score the changes only by the model\'s predictions of the changed base (--scores site), in the windows of --window tiled'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -l deletions -d 'Also delete each base (ALT is -)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -l check-device -d 'Compare the device with the CPU on a known sequence before the run; a GPU that is new, or new with this model, is always compared (docs/gpu.md)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -l no-header -d 'The same as --header none'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -l strict -d 'Exit with 3 if some records could not be scored or embedded'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand mutagenesis" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -s o -l output -d 'Folder of the run; must be new or empty' -r -f -a "(__fish_complete_directories)"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l resume -d 'Continue an interrupted run from its newest checkpoint' -r -f -a "(__fish_complete_directories)"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l plot -d 'Draw the loss curve of a run (loss.svg, loss.png) and do nothing else' -r -f -a "(__fish_complete_directories)"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l preset -d 'Published model whose sizes and recipe are the defaults [default: tiny-1k]' -r -f -a "tiny-1k\t'2 layers of width 128, 1,024 bases'
tiny-1k-d256\t'2 layers of width 256, 1,024 bases'
tiny-16k\t'2 layers of width 128, 16,384 bases'
small-32k\t'4 layers of width 256, 32,768 bases'
medium-160k\t'8 layers of width 256, 160,000 bases'
medium-450k\t'8 layers of width 256, 450,000 bases'
large-1m\t'8 layers of width 256, 1,000,000 bases'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l config -d 'Configuration as TOML; flags override it' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l reference -d 'Genomes (FASTA; plain and bgzip files are read by index)' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l weight -d 'Share of the samples from each genome, in their order [default: every base equally often]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l intervals -d 'Intervals (BED) with train, valid or test in the fourth column; contig names must differ between genomes' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l valid-contigs -d 'Contigs to keep for validation, in every genome; several with commas' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l test-contigs -d 'Contigs to keep for tests: used for neither training nor validation' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l valid-fraction -d 'Approximate share of bases to keep for validation, in blocks of 100 kb chosen by the seed' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l sampling -d 'Method of drawing samples [default: windows]' -r -f -a "windows\t'Windows anywhere in the intervals, every base equally often'
intervals\t'The first bases of each interval, all of them once an epoch in random order'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l most-n -d 'Largest share of N in a sample; samples with more are counted and drawn again [default: 0.5]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l valid-windows -d 'Largest number of windows of a validation; the one at the end takes all [default: 256]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l seed -d 'Seed of weights, samples, strands and dropout [default: 2222]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l init -d 'Checkpoint to start from instead of random weights: any format, or a released name' -r -F -a "builtin\t''
human-1k\t''
hyenadna-tiny-1k-seqlen\t''
hyenadna-tiny-1k-seqlen-d256\t''
hyenadna-tiny-16k-seqlen-d128\t''
hyenadna-small-32k-seqlen\t''
hyenadna-medium-160k-seqlen\t''
hyenadna-medium-450k-seqlen\t''
hyenadna-large-1m-seqlen\t''"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l layers -d 'Number of blocks' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l width -d 'Width of the model' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l context -d 'Context of the model: its longest sequence, in bases' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l length -d 'Length of a sequence, in bases [default: the context]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l steps -d 'Steps of the optimiser, including those of the stages' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l batch -d 'Sequences of a step; they need not be computed at once' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l stages -d 'Earlier stages with shorter sequences, as LENGTH:BATCH:STEPS; several with commas' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l lr -d 'Peak learning rate' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l filter-lr -d 'Peak learning rate of the filter networks [default: the same]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l last-lr -d 'Share of the peak at which the cosine ends [default: 0.1]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l warmup -d 'Share of the steps for warm-up [default: 0.01]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l weight-decay -d 'Weight decay of projections, MLP and short convolution [default: 0.1]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l beta2 -d 'Decay of the mean square of the gradient [default: 0.999]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l clip -d 'Norm to which gradients are clipped; 0 for no clipping [default: 1]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l dropout -d 'Dropout of the embedding [default: 0.1]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l dtype -d 'Type of the matrix products; all else is fp32 [default: fp32]' -r -f -a "fp32\t'32 bits'
tf32\t'32 bits, of which a GPU reads the first 19 (10 of the mantissa); not on a CPU'
bf16\t'Weights and activations rounded to bfloat16'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l recompute -d 'Activations to recompute in the backward pass instead of keeping them [default: auto]' -r -f -a "none\t'None'
mixer\t'Those inside the Hyena operators'
block\t'Those inside the blocks: the memory of one block'
auto\t'The first of these that fits into memory'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l batch-tokens -d 'Largest number of bases computed at once on a thread [default: the fastest that fits]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l most-skipped -d 'Steps in a row with a loss of NaN or infinity before the run ends [default: 10]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l log-every -d 'Steps between two rows of metrics.tsv [default: 10]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l valid-every -d 'Steps between two validations; 0 for one at the end only [default: 500; with finetune an epoch]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l save-every -d 'Steps between two checkpoints [default: 500; with finetune an epoch]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l keep -d 'Checkpoints to keep besides the best model [default: 3]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l worker-timeout -d 'Longest wait for the other processes of torchrun or srun, in seconds, before all of them end with an error' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l print-config -d 'Print the complete configuration as TOML and do nothing else'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -l forward-only -d 'Read only the forward strand, not a random one'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand train" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l train -d 'File with the train part, in place of DATA' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l valid -d 'File with the validation part; with --train' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l test -d 'File with the test part; with --train' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l class -d 'File with the sequences of a class (FASTA, BED, VCF or a table), in place of DATA; given once for each class' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l genomes -d 'Genomes as classes, in place of DATA: the examples are random windows of them, of --window bases, other ones in each epoch of `finetune`; a name can be given again for another file' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l windows -d 'Windows of each class in an epoch, for validation and for the test [default: 1000,100,200]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l sequence-column -d 'Column of the sequences [default: sequence or seq]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l label-column -d 'Columns of the labels, by name or by number from 1, with commas between them or as a range of numbers, such as a,b or 4-922 [default: label; name (4) of BED]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l split-column -d 'Column with train, valid (or dev) or test in each row' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l valid-contigs -d 'Contigs to validate with, with commas between them, for data with coordinates; with --genomes also of one class, as NAME:CONTIG' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l test-contigs -d 'Contigs to test with' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l valid-fraction -d 'Share of the train part to validate with, drawn from each class; of genomes, in blocks of 100 kb' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l test-fraction -d 'Share of the train part to test with, drawn from each class' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l reference -d 'The same as REFERENCE' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l window -l length -d 'Length of a window, in bases: around the centre of a region in place of the region, around a variant, of genomes, or of the pieces that sequences with labels of bases are cut into' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l step -d 'Bases between the starts of windows with labels of bases [default: that of --window]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l label-info -d 'INFO field of a VCF with the labels; several with commas between them' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l allele -d 'Allele in the window of a variant [default: alt]' -r -f -a "ref\t'That of the reference'
alt\t'Each ALT allele, one sequence for each'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l track -d 'BED file of intervals whose bases have a label, NAME or else the name of each interval; DATA are FASTA, or BED and a reference; given once for each label' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l seed -d 'Seed of the division into parts and folds' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l task -d 'Kind of the task [default: found from the labels]' -r -f -a "single-label\t'One class of several'
multi-label\t'Any number of labels'
regression\t'One number or several'
base-classes\t'One class of several for each base'
base-labels\t'Any number of labels for each base'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l on-leak -d 'Treatment of sequences for validation or test that are in an earlier part too' -r -f -a "warn\t'Keep them, log their number, and also measure on the clean part of the test'
drop\t'Remove them from the later part'
fail\t'Stop with an error'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l leak-share -d 'Share of the 24-mers of a sequence that an earlier part must have for a leak; more than 1 for copies only' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -s o -l output -d 'Folder of the run; must be new or empty' -r -f -a "(__fish_complete_directories)"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l resume -d 'Continue an interrupted run from its newest checkpoint' -r -f -a "(__fish_complete_directories)"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l plot -d 'Draw the loss curve of a run (loss.svg, loss.png) and do nothing else' -r -f -a "(__fish_complete_directories)"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l sweep -d 'Try all combinations of these settings on the validation part, and measure the best one on the test part' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l seeds -d 'Number of runs of the (best) settings, each with another seed, for mean and standard deviation' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l long -d 'Treatment of sequences that are longer than the model\'s context' -r -f -a "error\t'Stop with an error'
truncate\t'Read only the first bases, up to the context'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l preset -d 'Published recipe whose settings are the defaults' -r -f -a "genomic-benchmarks\t'GenomicBenchmarks: 100 epochs, batches of 128, accuracy'
nucleotide-transformer\t'The Nucleotide Transformer suite: 100 epochs, batches of 128, Matthews correlation'
chromatin-profile\t'Chromatin profiles: 100 epochs, batches of 1,000, mean AUROC'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -s m -l model -d 'Model to start from: a folder, a file or a released name [default: the built-in model]' -r -F -a "builtin\t''
human-1k\t''
hyenadna-tiny-1k-seqlen\t''
hyenadna-tiny-1k-seqlen-d256\t''
hyenadna-tiny-16k-seqlen-d128\t''
hyenadna-small-32k-seqlen\t''
hyenadna-medium-160k-seqlen\t''
hyenadna-medium-450k-seqlen\t''
hyenadna-large-1m-seqlen\t''"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -s p -l pool -d 'Pooling of the vectors of a sequence\'s bases into one [default: mean]' -r -f -a "mean\t'The mean over the bases'
max\t'The largest value of each channel'
first\t'The first base in reading direction'
last\t'The last base in reading direction: the only one computed from all others'
none\t'No pooling: one row for each base, in the order of the reference'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -s s -l strand -d 'Strand to read [default: forward]' -r -f -a "forward\t'The strand of the file'
both\t'The mean of both'
concat\t'Both side by side: forward, then reverse'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l head-layers -d 'Widths of layers between the vectors and the outputs; several with commas [default: none]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l method -d 'Weights to train: full (all), head, blocks:N (the last N blocks and the head), or prompt:N (N vectors that the frozen network reads before each sequence, and the head) [default: full]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l shots -d 'Demonstrations before each sequence, as in icl: examples of the train part with a letter for their class [default: 0]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l label-tokens -d 'Letters that stand for the classes, in their order: A, C, G, T or N. Needs --method prompt:N: the frozen network reads the letters out in place of a head, so that only the prompt is trained' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l epochs -d 'Times that every example is seen [default: 10]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l class-weights -d 'Weights of the classes or labels in the loss [default: equal]' -r -f -a "equal\t'All examples count alike'
balanced\t'All classes count alike: examples of rare ones count more'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l label-smoothing -d 'Share of the probability of a target that is given to all classes alike [default: 0]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l metric -d 'Figure on the validation part that the best model is chosen by [default: mcc for classes, auroc for labels, r2 for numbers]' -r -f -a "loss\t'Mean loss'
accuracy\t'Share of right classes'
balanced-accuracy\t'Mean recall of the classes'
mcc\t'Matthews correlation'
f1\t'F1, macro average'
auroc\t'Area under the ROC curve, macro average'
average-precision\t'Average precision, macro average'
r2\t'Coefficient of determination'
pearson\t'Pearson\'s correlation'
spearman\t'Spearman\'s correlation'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l patience -d 'Validations in a row without a better figure before the run ends; 0 for no limit [default: 0]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l plateau -d 'Factor of the learning rate after each validation without a better figure, in place of the cosine [default: 1, or 0.1 with --method prompt:N]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l steps -d 'Steps of the optimiser, including those of the stages' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l batch -d 'Sequences of a step; they need not be computed at once' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l stages -d 'Earlier stages with shorter sequences, as LENGTH:BATCH:STEPS; several with commas' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l lr -d 'Peak learning rate' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l filter-lr -d 'Peak learning rate of the filter networks [default: the same]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l last-lr -d 'Share of the peak at which the cosine ends [default: 0.1]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l warmup -d 'Share of the steps for warm-up [default: 0.01]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l weight-decay -d 'Weight decay of projections, MLP and short convolution [default: 0.1]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l beta2 -d 'Decay of the mean square of the gradient [default: 0.999]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l clip -d 'Norm to which gradients are clipped; 0 for no clipping [default: 1]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l dropout -d 'Dropout of the embedding [default: 0.1]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l dtype -d 'Type of the matrix products; all else is fp32 [default: fp32]' -r -f -a "fp32\t'32 bits'
tf32\t'32 bits, of which a GPU reads the first 19 (10 of the mantissa); not on a CPU'
bf16\t'Weights and activations rounded to bfloat16'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l recompute -d 'Activations to recompute in the backward pass instead of keeping them [default: auto]' -r -f -a "none\t'None'
mixer\t'Those inside the Hyena operators'
block\t'Those inside the blocks: the memory of one block'
auto\t'The first of these that fits into memory'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l batch-tokens -d 'Largest number of bases computed at once on a thread [default: the fastest that fits]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l most-skipped -d 'Steps in a row with a loss of NaN or infinity before the run ends [default: 10]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l log-every -d 'Steps between two rows of metrics.tsv [default: 10]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l valid-every -d 'Steps between two validations; 0 for one at the end only [default: 500; with finetune an epoch]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l save-every -d 'Steps between two checkpoints [default: 500; with finetune an epoch]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l keep -d 'Checkpoints to keep besides the best model [default: 3]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l test-lengths -d 'Measure also on the first N bases of the test sequences, with commas between lengths, in report/lengths.tsv' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l worker-timeout -d 'Longest wait for the other processes of torchrun or srun, in seconds, before all of them end with an error' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l save-index -d 'Save the index of the reference beside it (.fai, .gzi)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l mask-unlabelled -d 'Leave bases in no interval of a track out of the task, in place of class other or no label'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l random -d 'Start from random weights in place of those of the model'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l reverse-complement -d 'Reverse-complement a random half of the samples'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -l frozen-cache -d 'With --method head: compute the vectors of the examples once, without dropout'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand finetune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand perplexity" -l reference -d 'The same as FASTA; may be given several times' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand perplexity" -l intervals -d 'Intervals (BED) with train, valid or test in the fourth column; may be given several times [default: the whole genomes]' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand perplexity" -l split -d 'Intervals to read' -r -f -a "train\t'Training intervals'
valid\t'Validation intervals, measured during training'
test\t'Test intervals, held out to the end'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand perplexity" -l window -d 'Length of a window, in bases [default: the model\'s context]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand perplexity" -l most-windows -d 'Largest number of windows, spread evenly [default: all]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand perplexity" -s m -l model -d 'Model: a folder, a file (.safetensors, .ckpt, .pt, .bin) or a released name such as hyenadna-small-32k-seqlen, fetched if it is not in the cache [default: the built-in model]' -r -F -a "builtin\t''
human-1k\t''
hyenadna-tiny-1k-seqlen\t''
hyenadna-tiny-1k-seqlen-d256\t''
hyenadna-tiny-16k-seqlen-d128\t''
hyenadna-small-32k-seqlen\t''
hyenadna-medium-160k-seqlen\t''
hyenadna-medium-450k-seqlen\t''
hyenadna-large-1m-seqlen\t''"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand perplexity" -l n-token -d 'Input that stands for N' -r -f -a "auto\t'n if the model was trained with it, else zero'
n\t'The token of N'
pad\t'The token of padding, like the first public data loader'
zero\t'A vector of zeros'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand perplexity" -l batch-tokens -d 'Largest number of bases computed at once on a thread; lower it if memory runs out [default: the fastest]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand perplexity" -l dtype -d 'Type of the matrix products; all else is fp32. bf16 changes scores slightly (docs/performance.md)' -r -f -a "fp32\t'32 bits'
tf32\t'32 bits, of which a GPU reads the first 19 (10 of the mantissa); not on a CPU'
bf16\t'Weights and activations rounded to bfloat16'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand perplexity" -l cache-bytes -d 'Memory for filters that are kept between calls, such as 512M or 4G [default: a quarter of the free memory, at most 2G]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand perplexity" -s o -l output -d 'Output file, which appears only when complete; the suffix .gz compresses it with bgzip [default: stdout]' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand perplexity" -l header -d 'Header of tables [default: full; names in CSV]' -r -f -a "full\t'## lines with version, command and settings, then the column names after a #'
names\t'The column names alone, without a #'
none\t'No header'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand perplexity" -l summary -d 'Also write counts, statuses, time and model as JSON, for reports (docs/pipelines.md)' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand perplexity" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand perplexity" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand perplexity" -l check-device -d 'Compare the device with the CPU on a known sequence before the run; a GPU that is new, or new with this model, is always compared (docs/gpu.md)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand perplexity" -l no-header -d 'The same as --header none'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand perplexity" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand perplexity" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand perplexity" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l label -d 'Column or INFO field with the label' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l positive -d 'Labels of positives; alleles with other labels are skipped; `\\,` is a comma of a label; may be given several times [default: 1, true, positive]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l negative -d 'Labels of negatives, as those of positives [default: 0, false, negative]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l scores -d 'Scores to evaluate [default: every column of numbers; of a VCF, those that `score-variants` added]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l sign -d 'End of a score at which positives are expected' -r -f -a "expected\t'The low end of log-likelihood ratios (llr, …_LLR, …), the high end of all others'
+\t'The high end of all scores'
-\t'The low end of all scores'
auto\t'The end with an AUROC above 0.5 over all alleles, which flatters weak scores'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l by -d 'Also evaluate each value of this column or INFO field of the labels separately, or, with --truth, of this column of the same table; may be given several times' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l bootstrap -d 'Replicates of the bootstrap, stratified by label or class; 0 for no intervals' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l seed -d 'Seed of the bootstrap' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l plot -d 'Draw ROC and precision-recall curves of all alleles: PREFIX.roc.svg, PREFIX.roc.png, PREFIX.pr.svg and PREFIX.pr.png; with --truth, also the other charts of --report' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l curves -d 'Scores to draw, by the names in the column score [default: the first four]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l truth -d 'Evaluate predictions: SCORES is a table (TSV or CSV), and this its column with the true class or number, or a column of 0 and 1 for each label. With LABELS, a table too, these are its columns' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l predicted -d 'Column with the predicted class or number' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l probabilities -d 'Column with the probability, or another score, of each class or label: its name, or CLASS=COLUMN. Without --predicted, the class with the highest one is predicted' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l task -d 'Kind of predictions [default: multi-label with several columns of --truth; regression if a value has a fraction and there are no probabilities; else classes]' -r -f -a "classes\t'One class for each row'
multi-label\t'Any number of labels for each row'
regression\t'A number for each row'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l id -d 'Column of both tables by which rows of LABELS match predictions' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l label-groups -d 'Table with the columns label and group: also the averages over each group of labels' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l confusion -d 'Also write the confusion matrix: rows are true classes, columns predicted ones' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l report -d 'Also write a report into this folder: figures, a confusion matrix, and ROC, precision-recall and reliability curves; of numbers, a scatter plot' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -s o -l output -d 'Output file, which appears only when complete; the suffix .gz compresses it with bgzip [default: stdout]' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l header -d 'Header of tables [default: full; names in CSV]' -r -f -a "full\t'## lines with version, command and settings, then the column names after a #'
names\t'The column names alone, without a #'
none\t'No header'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l summary -d 'Also write counts, statuses, time and model as JSON, for reports (docs/pipelines.md)' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -l no-header -d 'The same as --header none'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand evaluate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l reference -d 'The same as REFERENCE' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -s r -l region -d 'Region of the reference to read in place of those of INPUT: chr1:101-200 (1-based, both ends included), chr1:101- or chr1; may be given several times' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l shard -d 'Read only this shard of the input file, such as 2/7: the second of seven parts, of about the same size in bytes; `hyenadna merge` joins their outputs (docs/shards.md)' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -s s -l strand -d 'Strand to read; auto: the strand in the BED line, else forward' -r -f -a "auto\t'The strand in the BED line, else forward'
forward\t'The strand of the reference or the file'
reverse\t'The reverse complement'
both\t'The mean of the values of both'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l stride -d 'Write a row for every N bases, computed from the window around them' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l window -d 'Length of a window, in bases, with --stride, a VCF or a head of each base [default: that of the longest training sequence, at most the model\'s context]; with regions, the window around the centre of each is read in place of the region' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l overlap -d 'Bases that a window shares with the next one, for a head of each base [default: half the window]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l long -d 'Treatment of regions and sequences that are longer than the model\'s context [default: error]' -r -f -a "error\t'Stop with an error'
truncate\t'Read only the first bases in reading direction, up to the context'
chunk\t'Split into pieces that are read independently, and pool over all of them'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l threshold -d 'Least probability of a predicted class or label [default: 0.5 for labels, 0 for classes that exclude each other]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l top -d 'Write the N most probable classes with their probabilities in place of a column for each class' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l output-class -d 'Class or target that a bedGraph or bigWig shows [default: the only one, or the second of two classes]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l on-ref-mismatch -d 'Policy for records whose REF differs from the reference [default: check]' -r -f -a "check\t'Keep it without scores and count it, but stop if more than half of the first 1,000 records differ: the assembly is wrong'
report\t'Keep it without scores and count it'
skip\t'Skip it and count it'
fail\t'Stop with an error'
swap\t'If the reference has the ALT allele, score it with REF and ALT exchanged (status swapped); keep other records without scores'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l on-missing-contig -d 'Policy for records whose contig is not in the reference [default: report]' -r -f -a "report\t'Keep it without scores and count it'
skip\t'Skip it and count it'
fail\t'Stop with an error'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l circular -d 'Circular contigs, such as MT: windows wrap around the origin' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l info-prefix -d 'Prefix of the INFO fields in VCF and BCF output [default: HYENADNA]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -s m -l model -d 'Model: a folder, a file (.safetensors, .ckpt, .pt, .bin) or a released name such as hyenadna-small-32k-seqlen, fetched if it is not in the cache [default: the built-in model]' -r -F -a "builtin\t''
human-1k\t''
hyenadna-tiny-1k-seqlen\t''
hyenadna-tiny-1k-seqlen-d256\t''
hyenadna-tiny-16k-seqlen-d128\t''
hyenadna-small-32k-seqlen\t''
hyenadna-medium-160k-seqlen\t''
hyenadna-medium-450k-seqlen\t''
hyenadna-large-1m-seqlen\t''"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l n-token -d 'Input that stands for N' -r -f -a "auto\t'n if the model was trained with it, else zero'
n\t'The token of N'
pad\t'The token of padding, like the first public data loader'
zero\t'A vector of zeros'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l batch-tokens -d 'Largest number of bases computed at once on a thread; lower it if memory runs out [default: the fastest]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l dtype -d 'Type of the matrix products; all else is fp32. bf16 changes scores slightly (docs/performance.md)' -r -f -a "fp32\t'32 bits'
tf32\t'32 bits, of which a GPU reads the first 19 (10 of the mantissa); not on a CPU'
bf16\t'Weights and activations rounded to bfloat16'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l cache-bytes -d 'Memory for filters that are kept between calls, such as 512M or 4G [default: a quarter of the free memory, at most 2G]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -s o -l output -d 'Output file, which appears only when complete; the suffix .gz compresses it with bgzip [default: stdout]' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l header -d 'Header of tables [default: full; names in CSV]' -r -f -a "full\t'## lines with version, command and settings, then the column names after a #'
names\t'The column names alone, without a #'
none\t'No header'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -s W -l write-index -d 'Also write the index of the output beside it: .tbi, or .csi for contigs of more than 512 million bases; its rows must be sorted [default without a value: tbi]' -r -f -a "tbi\t'.tbi, as tabix makes: contigs of up to 512 million bases'
csi\t'.csi, for contigs of any length'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l resume -d 'Keep the rows so far in FILE.partial when the run is killed, and go on after them when the same command runs again; they are saved every SECONDS, or with 0 after each chunk (docs/shards.md) [default without a value: 10]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l summary -d 'Also write counts, statuses, time and model as JSON, for reports (docs/pipelines.md)' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l format -d 'Output format [default: that of the output file\'s suffix, else tsv]' -r -f -a "tsv\t'The input\'s columns, then a column for each class or target'
csv\t'Like tsv, with commas and plain column names'
bed\t'Regions with the predicted class as name; of bases, runs of one class'
npy\t'A float32 matrix, with the other columns in a .tsv beside it'
parquet\t'Like tsv, with typed columns'
vcf\t'Of variants: the input with INFO fields added'
bcf\t'Like vcf, but in binary form'
bedgraph\t'One class or target, for genome browsers; see --output-class'
bigwig\t'Like bedgraph, but compressed and indexed; to a file only'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l save-index -d 'Save the index of the reference beside it (.fai, .gzi)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l check-device -d 'Compare the device with the CPU on a known sequence before the run; a GPU that is new, or new with this model, is always compared (docs/gpu.md)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l no-header -d 'The same as --header none'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -l strict -d 'Exit with 3 if some records could not be scored or embedded'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand predict" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l train -d 'File with the train part, in place of DATA' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l valid -d 'File with the validation part; with --train' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l test -d 'File with the test part; with --train' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l class -d 'File with the sequences of a class (FASTA, BED, VCF or a table), in place of DATA; given once for each class' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l genomes -d 'Genomes as classes, in place of DATA: the examples are random windows of them, of --window bases, other ones in each epoch of `finetune`; a name can be given again for another file' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l windows -d 'Windows of each class in an epoch, for validation and for the test [default: 1000,100,200]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l sequence-column -d 'Column of the sequences [default: sequence or seq]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l label-column -d 'Columns of the labels, by name or by number from 1, with commas between them or as a range of numbers, such as a,b or 4-922 [default: label; name (4) of BED]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l split-column -d 'Column with train, valid (or dev) or test in each row' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l valid-contigs -d 'Contigs to validate with, with commas between them, for data with coordinates; with --genomes also of one class, as NAME:CONTIG' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l test-contigs -d 'Contigs to test with' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l valid-fraction -d 'Share of the train part to validate with, drawn from each class; of genomes, in blocks of 100 kb' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l test-fraction -d 'Share of the train part to test with, drawn from each class' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l reference -d 'The same as REFERENCE' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l window -l length -d 'Length of a window, in bases: around the centre of a region in place of the region, around a variant, of genomes, or of the pieces that sequences with labels of bases are cut into' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l step -d 'Bases between the starts of windows with labels of bases [default: that of --window]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l label-info -d 'INFO field of a VCF with the labels; several with commas between them' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l allele -d 'Allele in the window of a variant [default: alt]' -r -f -a "ref\t'That of the reference'
alt\t'Each ALT allele, one sequence for each'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l track -d 'BED file of intervals whose bases have a label, NAME or else the name of each interval; DATA are FASTA, or BED and a reference; given once for each label' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l seed -d 'Seed of the division into parts and folds' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l task -d 'Kind of the task [default: found from the labels]' -r -f -a "single-label\t'One class of several'
multi-label\t'Any number of labels'
regression\t'One number or several'
base-classes\t'One class of several for each base'
base-labels\t'Any number of labels for each base'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l on-leak -d 'Treatment of sequences for validation or test that are in an earlier part too' -r -f -a "warn\t'Keep them, log their number, and also measure on the clean part of the test'
drop\t'Remove them from the later part'
fail\t'Stop with an error'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l leak-share -d 'Share of the 24-mers of a sequence that an earlier part must have for a leak; more than 1 for copies only' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -s p -l pool -d 'Pooling of the vectors of a sequence\'s bases into one; bins:K: the means of K equal parts, in reading direction, side by side' -r -f -a "mean\t'The mean over the bases'
max\t'The largest value of each channel'
first\t'The first base in reading direction'
last\t'The last base in reading direction: the only one computed from all others'
none\t'No pooling: one row for each base, in the order of the reference'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -s l -l layer -d 'Layer: after block N (0: the token embedding), or last (after the final norm); with commas, as in 1,last: several side by side' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -s s -l strand -d 'Strand to read' -r -f -a "forward\t'The strand of the file'
reverse\t'The reverse complement'
both\t'The mean of both'
concat\t'Both side by side: forward, then reverse'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l long -d 'Treatment of sequences that are longer than the model\'s context' -r -f -a "error\t'Stop with an error'
truncate\t'Read only the first bases in reading direction, up to the context'
chunk\t'Split into pieces that are read independently, and pool over all of them'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l embeddings -d 'Embeddings that `embed` wrote, with a row for each sequence of DATA in its order (train, valid, test); with --model, beside those of the model' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l classifier -d 'Classifier, or regression of numbers, on top of the features of models and baselines' -r -f -a "logistic\t'Logistic regression of classes, ridge regression of numbers'
gbdt\t'Gradient boosting of decision trees'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l baselines -d 'Features to compare with [default: kmers,composition, and binned with --pool bins:K]' -r -f -a "kmers\t'Counts of words'
binned\t'Counts of words in each part of --pool bins:K'
both\t'The embeddings beside these counts: in parts with --pool bins:K, else of whole sequences'
composition\t'Shares of A, C, G and T, and the length'
length\t'The length alone'
none\t'None at all'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l kmer -d 'Length of the words of the baseline kmers; 0 for none [default: 6]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l kmer-binned -d 'Length of the words of the baseline binned; 0 for none [default: 4]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l folds -d 'Folds of the cross-validation if there is no validation part [default: 5]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l n-token -d 'Input that stands for N' -r -f -a "auto\t'n if the model was trained with it, else zero'
n\t'The token of N'
pad\t'The token of padding, like the first public data loader'
zero\t'A vector of zeros'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l batch-tokens -d 'Largest number of bases computed at once on a thread; lower it if memory runs out [default: the fastest]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l dtype -d 'Type of the matrix products; all else is fp32. bf16 changes scores slightly (docs/performance.md)' -r -f -a "fp32\t'32 bits'
tf32\t'32 bits, of which a GPU reads the first 19 (10 of the mantissa); not on a CPU'
bf16\t'Weights and activations rounded to bfloat16'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l cache-bytes -d 'Memory for filters that are kept between calls, such as 512M or 4G [default: a quarter of the free memory, at most 2G]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -s o -l output -d 'Output file, which appears only when complete; the suffix .gz compresses it with bgzip [default: stdout]' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l header -d 'Header of tables [default: full; names in CSV]' -r -f -a "full\t'## lines with version, command and settings, then the column names after a #'
names\t'The column names alone, without a #'
none\t'No header'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l summary -d 'Also write counts, statuses, time and model as JSON, for reports (docs/pipelines.md)' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -s m -l model -d 'Model, or several with commas: a folder, a file (.safetensors, .ckpt, .pt, .bin) or a released name such as hyenadna-small-32k-seqlen, fetched if it is not in the cache [default: the built-in model, unless --embeddings is given]' -r -F -a "builtin\t''
human-1k\t''
hyenadna-tiny-1k-seqlen\t''
hyenadna-tiny-1k-seqlen-d256\t''
hyenadna-tiny-16k-seqlen-d128\t''
hyenadna-small-32k-seqlen\t''
hyenadna-medium-160k-seqlen\t''
hyenadna-medium-450k-seqlen\t''
hyenadna-large-1m-seqlen\t''"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l save-index -d 'Save the index of the reference beside it (.fai, .gzi)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l mask-unlabelled -d 'Leave bases in no interval of a track out of the task, in place of class other or no label'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l sweep -d 'Try layers, poolings and strands, choose by the loss on the validation part or the folds, and measure the best on the test part'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l check-device -d 'Compare the device with the CPU on a known sequence before the run; a GPU that is new, or new with this model, is always compared (docs/gpu.md)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -l no-header -d 'The same as --header none'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand probe" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l train -d 'File with the train part, in place of DATA' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l valid -d 'File with the validation part; with --train' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l test -d 'File with the test part; with --train' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l class -d 'File with the sequences of a class (FASTA, BED, VCF or a table), in place of DATA; given once for each class' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l genomes -d 'Genomes as classes, in place of DATA: the examples are random windows of them, of --window bases, other ones in each epoch of `finetune`; a name can be given again for another file' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l windows -d 'Windows of each class in an epoch, for validation and for the test [default: 1000,100,200]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l sequence-column -d 'Column of the sequences [default: sequence or seq]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l label-column -d 'Columns of the labels, by name or by number from 1, with commas between them or as a range of numbers, such as a,b or 4-922 [default: label; name (4) of BED]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l split-column -d 'Column with train, valid (or dev) or test in each row' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l valid-contigs -d 'Contigs to validate with, with commas between them, for data with coordinates; with --genomes also of one class, as NAME:CONTIG' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l test-contigs -d 'Contigs to test with' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l valid-fraction -d 'Share of the train part to validate with, drawn from each class; of genomes, in blocks of 100 kb' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l test-fraction -d 'Share of the train part to test with, drawn from each class' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l reference -d 'The same as REFERENCE' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l window -l length -d 'Length of a window, in bases: around the centre of a region in place of the region, around a variant, of genomes, or of the pieces that sequences with labels of bases are cut into' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l step -d 'Bases between the starts of windows with labels of bases [default: that of --window]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l label-info -d 'INFO field of a VCF with the labels; several with commas between them' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l allele -d 'Allele in the window of a variant [default: alt]' -r -f -a "ref\t'That of the reference'
alt\t'Each ALT allele, one sequence for each'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l track -d 'BED file of intervals whose bases have a label, NAME or else the name of each interval; DATA are FASTA, or BED and a reference; given once for each label' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l seed -d 'Seed of the division into parts and folds' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l task -d 'Kind of the task [default: found from the labels]' -r -f -a "single-label\t'One class of several'
multi-label\t'Any number of labels'
regression\t'One number or several'
base-classes\t'One class of several for each base'
base-labels\t'Any number of labels for each base'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l on-leak -d 'Treatment of sequences for validation or test that are in an earlier part too' -r -f -a "warn\t'Keep them, log their number, and also measure on the clean part of the test'
drop\t'Remove them from the later part'
fail\t'Stop with an error'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l leak-share -d 'Share of the 24-mers of a sequence that an earlier part must have for a leak; more than 1 for copies only' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -s k -l shots -d 'Numbers of demonstrations before each query' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l tune -d 'Numbers of examples to tune the weights on, besides none; a cell has weights of its own' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l label-tokens -d 'Letters that stand for the classes, in the order of the classes: A, C, G, T or N [default: A,C,G,T,N, as many as there are classes]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l seeds -d 'Number of draws of demonstrations and tuning examples, with the seeds from --seed on' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l truncate -d 'Read only the first N bases of each sequence' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l lr -d 'Learning rate of the tuning' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l batch -d 'Examples of a step of the tuning' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l plot -d 'Draw the accuracy by numbers of demonstrations: PREFIX.icl.svg and PREFIX.icl.png' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -s m -l model -d 'Model: a folder, a file (.safetensors, .ckpt, .pt, .bin) or a released name such as hyenadna-small-32k-seqlen, fetched if it is not in the cache [default: the built-in model]' -r -F -a "builtin\t''
human-1k\t''
hyenadna-tiny-1k-seqlen\t''
hyenadna-tiny-1k-seqlen-d256\t''
hyenadna-tiny-16k-seqlen-d128\t''
hyenadna-small-32k-seqlen\t''
hyenadna-medium-160k-seqlen\t''
hyenadna-medium-450k-seqlen\t''
hyenadna-large-1m-seqlen\t''"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l batch-tokens -d 'Largest number of bases computed at once on a thread; lower it if memory runs out [default: the fastest]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l dtype -d 'Type of the matrix products; all else is fp32. bf16 changes scores slightly (docs/performance.md)' -r -f -a "fp32\t'32 bits'
tf32\t'32 bits, of which a GPU reads the first 19 (10 of the mantissa); not on a CPU'
bf16\t'Weights and activations rounded to bfloat16'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l cache-bytes -d 'Memory for filters that are kept between calls, such as 512M or 4G [default: a quarter of the free memory, at most 2G]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -s o -l output -d 'Output file, which appears only when complete; the suffix .gz compresses it with bgzip [default: stdout]' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l header -d 'Header of tables [default: full; names in CSV]' -r -f -a "full\t'## lines with version, command and settings, then the column names after a #'
names\t'The column names alone, without a #'
none\t'No header'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l summary -d 'Also write counts, statuses, time and model as JSON, for reports (docs/pipelines.md)' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l n-token -d 'Input that stands for N, as a base and as a letter of --label-tokens' -r -f -a "auto\t'n if the model was trained with it, else zero'
n\t'The token of N'
pad\t'The token of padding, like the first public data loader'
zero\t'A vector of zeros'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l save-index -d 'Save the index of the reference beside it (.fai, .gzi)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l mask-unlabelled -d 'Leave bases in no interval of a track out of the task, in place of class other or no label'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l check-device -d 'Compare the device with the CPU on a known sequence before the run; a GPU that is new, or new with this model, is always compared (docs/gpu.md)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -l no-header -d 'The same as --header none'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand icl" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -l reference -d 'The same as FASTA; may be given several times' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -l intervals -d 'Intervals (BED) with train, valid or test in the fourth column; may be given several times [default: the whole genomes]' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -l split -d 'Intervals to read' -r -f -a "train\t'Training intervals'
valid\t'Validation intervals, measured during training'
test\t'Test intervals, held out to the end'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -l window -d 'Length of a window, in bases [default: the model\'s context]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -l segment -d 'Length of the segment, the last bases of a window' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -l distances -d 'Distances from the start of the copy to that of the segment, in bases [default: the powers of two that fit]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -l copies -d 'Kinds of copies' -r -f -a "exact\t'The same bases'
mutated\t'The same bases, some of them substituted'
reverse-complement\t'The reverse complement'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -l mutate -d 'Probability that a base of a mutated copy is substituted [default: 0.1]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -l backgrounds -d 'DNA around the segment and its copy' -r -f -a "native\t'A window of the genomes'
shuffled\t'Its shuffle with the same dinucleotides'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -l replicates -d 'Windows to draw' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -l seed -d 'Seed of windows, copies and shuffles' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -l plot -d 'Draw a chart of each model: PREFIX.MODEL.svg and PREFIX.MODEL.png' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -l n-token -d 'Input that stands for N' -r -f -a "auto\t'n if the model was trained with it, else zero'
n\t'The token of N'
pad\t'The token of padding, like the first public data loader'
zero\t'A vector of zeros'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -l batch-tokens -d 'Largest number of bases computed at once on a thread; lower it if memory runs out [default: the fastest]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -l dtype -d 'Type of the matrix products; all else is fp32. bf16 changes scores slightly (docs/performance.md)' -r -f -a "fp32\t'32 bits'
tf32\t'32 bits, of which a GPU reads the first 19 (10 of the mantissa); not on a CPU'
bf16\t'Weights and activations rounded to bfloat16'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -l cache-bytes -d 'Memory for filters that are kept between calls, such as 512M or 4G [default: a quarter of the free memory, at most 2G]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -s o -l output -d 'Output file, which appears only when complete; the suffix .gz compresses it with bgzip [default: stdout]' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -l header -d 'Header of tables [default: full; names in CSV]' -r -f -a "full\t'## lines with version, command and settings, then the column names after a #'
names\t'The column names alone, without a #'
none\t'No header'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -l summary -d 'Also write counts, statuses, time and model as JSON, for reports (docs/pipelines.md)' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -s m -l model -d 'Model, or several with commas: a folder, a file (.safetensors, .ckpt, .pt, .bin) or a released name such as hyenadna-small-32k-seqlen, fetched if it is not in the cache [default: the built-in model]' -r -F -a "builtin\t''
human-1k\t''
hyenadna-tiny-1k-seqlen\t''
hyenadna-tiny-1k-seqlen-d256\t''
hyenadna-tiny-16k-seqlen-d128\t''
hyenadna-small-32k-seqlen\t''
hyenadna-medium-160k-seqlen\t''
hyenadna-medium-450k-seqlen\t''
hyenadna-large-1m-seqlen\t''"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -l check-device -d 'Compare the device with the CPU on a known sequence before the run; a GPU that is new, or new with this model, is always compared (docs/gpu.md)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -l no-header -d 'The same as --header none'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand recall" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -l reference -d 'The same as REFERENCE' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -s r -l region -d 'Region of the reference as a prompt: chr1:101-200 (1-based, both ends included), chr1:101- or chr1; may be given several times' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -s n -l length -d 'Bases to generate after each prompt' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -l count -d 'Sequences to generate after each prompt' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -l temperature -d 'Divisor of log-probabilities before the draw: below 1 likely bases are drawn more often' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -l top-k -d 'Draw from the K most likely bases, 1 to 4; 1 takes the most likely base' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -l top-p -d 'Draw from the fewest bases, the most likely first, whose probabilities add up to P, above 0 and at most 1' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -l seed -d 'Seed of the random numbers' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -s m -l model -d 'Model: a folder, a file (.safetensors, .ckpt, .pt, .bin) or a released name such as hyenadna-small-32k-seqlen, fetched if it is not in the cache [default: the built-in model]' -r -F -a "builtin\t''
human-1k\t''
hyenadna-tiny-1k-seqlen\t''
hyenadna-tiny-1k-seqlen-d256\t''
hyenadna-tiny-16k-seqlen-d128\t''
hyenadna-small-32k-seqlen\t''
hyenadna-medium-160k-seqlen\t''
hyenadna-medium-450k-seqlen\t''
hyenadna-large-1m-seqlen\t''"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -l n-token -d 'Input that stands for N' -r -f -a "auto\t'n if the model was trained with it, else zero'
n\t'The token of N'
pad\t'The token of padding, like the first public data loader'
zero\t'A vector of zeros'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -l batch-tokens -d 'Largest number of bases computed at once on a thread; lower it if memory runs out [default: the fastest]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -l dtype -d 'Type of the matrix products; all else is fp32. bf16 changes scores slightly (docs/performance.md)' -r -f -a "fp32\t'32 bits'
tf32\t'32 bits, of which a GPU reads the first 19 (10 of the mantissa); not on a CPU'
bf16\t'Weights and activations rounded to bfloat16'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -l cache-bytes -d 'Memory for filters that are kept between calls, such as 512M or 4G [default: a quarter of the free memory, at most 2G]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -s o -l output -d 'Output file (FASTA), which appears only when complete; the suffix .gz compresses it with bgzip [default: stdout]' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -l summary -d 'Also write counts, statuses, time and model as JSON, for reports (docs/pipelines.md)' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -l save-index -d 'Save the index of the reference beside it (.fai, .gzi)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -l with-prompt -d 'Write the prompt before the new bases'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -l stream -d 'Write each line as soon as its bases are drawn; the log reports the log-likelihood, titles do not'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -l check-device -d 'Compare the device with the CPU on a known sequence before the run; a GPU that is new, or new with this model, is always compared (docs/gpu.md)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand generate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand project" -l labels -d 'Table with a row for each vector (TSV or CSV with a header, or BED) [default: the columns of VECTORS, or of the .tsv beside a .npy]' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand project" -l label-column -d 'Column of the labels, by name or by number from 1 [default: no labels]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand project" -l match-by -d 'Column of VECTORS and of --labels whose values say which rows belong together [default: the order of the rows]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand project" -l name-column -d 'Column of the names [default: name or id; the region if there is none]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand project" -l method -d 'Way to place the rows' -r -f -a "pca\t'Principal components: the axes of the largest variance'
tsne\t't-SNE of the first 50 principal components, on a plane'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand project" -l components -d 'Number of principal components; t-SNE has two dimensions' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand project" -l perplexity -d 'Approximate number of neighbours of each row, for t-SNE [default: 30]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand project" -l start -d 'Places from which t-SNE starts [default: pca]' -r -f -a "pca\t'The first two principal components'
random\t'Random places of --seed'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand project" -l seed -d 'Seed of --start random [default: 0]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand project" -l plot -d 'Also draw the first two coordinates, as PREFIX.pca.svg and PREFIX.pca.png, or PREFIX.tsne.svg and PREFIX.tsne.png' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand project" -s o -l output -d 'Output file, which appears only when complete; the suffix .gz compresses it with bgzip [default: stdout]' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand project" -l header -d 'Header of tables [default: full; names in CSV]' -r -f -a "full\t'## lines with version, command and settings, then the column names after a #'
names\t'The column names alone, without a #'
none\t'No header'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand project" -l summary -d 'Also write counts, statuses, time and model as JSON, for reports (docs/pipelines.md)' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand project" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand project" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand project" -l standardise -d 'Divide each column by its standard deviation, so that all weigh the same; without it columns are centred only'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand project" -l no-header -d 'The same as --header none'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand project" -l strict -d 'Exit with 3 if some records could not be scored or embedded'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand project" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand project" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand project" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand merge" -s o -l output -d 'Output file, which appears only when complete; the suffix .gz compresses it with bgzip [default: stdout]' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand merge" -s W -l write-index -d 'Also write the index of the output beside it: .tbi, or .csi for contigs of more than 512 million bases; its rows must be sorted [default without a value: tbi]' -r -f -a "tbi\t'.tbi, as tabix makes: contigs of up to 512 million bases'
csi\t'.csi, for contigs of any length'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand merge" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand merge" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand merge" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand merge" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand merge" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand bench" -l layers -d 'Number of blocks' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand bench" -l width -d 'Width of the residual stream' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand bench" -l lengths -d 'Lengths of the sequences, in bases; measured from the shortest to the longest' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand bench" -l batch -d 'Sequences in a pass' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand bench" -l mixer -d 'Operator that mixes the positions' -r -f -a "hyena\t'The Hyena operator'
attention\t'Causal self-attention with rotary embeddings and heads of width 64, in the same network'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand bench" -l dtype -d 'Type of the matrix products' -r -f -a "fp32\t'32 bits'
tf32\t'32 bits, of which a GPU reads the first 19 (10 of the mantissa); not on a CPU'
bf16\t'Weights and activations rounded to bfloat16'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand bench" -l repeats -d 'Number of runs to take the median of' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand bench" -s o -l output -d 'Output file, which appears only when complete; the suffix .gz compresses it with bgzip [default: stdout]' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand bench" -l header -d 'Header of tables [default: full; names in CSV]' -r -f -a "full\t'## lines with version, command and settings, then the column names after a #'
names\t'The column names alone, without a #'
none\t'No header'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand bench" -l format -d 'Output format [default: that of the output file\'s suffix, else tsv]' -r -f -a "tsv\t'A table'
json\t'An array of objects'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand bench" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand bench" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand bench" -l step -d 'Time the loss and its gradient instead of the forward pass'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand bench" -l no-header -d 'The same as --header none'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand bench" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand bench" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand bench" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and not __fish_seen_subcommand_from list info convert pull verify help" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and not __fish_seen_subcommand_from list info convert pull verify help" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and not __fish_seen_subcommand_from list info convert pull verify help" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and not __fish_seen_subcommand_from list info convert pull verify help" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and not __fish_seen_subcommand_from list info convert pull verify help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and not __fish_seen_subcommand_from list info convert pull verify help" -f -a "list" -d 'List the built-in and the released models, with their places in the cache'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and not __fish_seen_subcommand_from list info convert pull verify help" -f -a "info" -d 'Show a model\'s architecture, size, hashes and origin'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and not __fish_seen_subcommand_from list info convert pull verify help" -f -a "convert" -d 'Write a model in the Hub layout (config.json, model.safetensors), without buffers that can be recomputed'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and not __fish_seen_subcommand_from list info convert pull verify help" -f -a "pull" -d 'Fetch a model into the Hugging Face cache'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and not __fish_seen_subcommand_from list info convert pull verify help" -f -a "verify" -d 'Check that a model is what its name says, and that it computes what it should'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and not __fish_seen_subcommand_from list info convert pull verify help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from list" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from list" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from info" -l diagnose -d 'Also measure on this genome (FASTA): the shift that fits it, rows of the vocabulary that were never trained, and the usable context' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from info" -l window -d 'Length of a window, in bases [default: the model\'s context]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from info" -l most-windows -d 'Largest number of windows, spread evenly [default: 200]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from info" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from info" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from info" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from info" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from info" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from convert" -l shift -d 'Shift of the decay of the filters [default: that of MODEL]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from convert" -l head-pool -d 'Make the linear layer that others fine-tuned (score.weight, classifier.weight, head.weight) the head of the model, for `predict`, on hidden states that are pooled like this: mean, last, bins:K, …' -r -f -a "mean\t'The mean over the bases'
max\t'The largest value of each channel'
first\t'The first base in reading direction'
last\t'The last base in reading direction: the only one computed from all others'
none\t'No pooling: one row for each base, in the order of the reference'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from convert" -l classes -d 'Names of the head\'s classes or targets, in their order [default: 0, 1, …]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from convert" -l head-task -d 'Task of the head [default: regression for a single output, else single-label]' -r -f -a "single-label\t'One class of several'
multi-label\t'Any number of labels'
regression\t'Numbers'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from convert" -l for -d 'Program that reads the folder' -r -f -a "hyenadna\t'This program'
transformers\t'Python\'s transformers: with all buffers, a tokenizer, and the place of the model code on the Hub'"
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from convert" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from convert" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from convert" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from convert" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from convert" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from pull" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from pull" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from pull" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from pull" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from pull" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from verify" -l as -d 'Model that a folder or file should be: a released name, or human-1k [default: that of its name]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from verify" -l hg38 -d 'Human genome hg38 (FASTA), for losses that were recorded on regions of it' -r -F
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from verify" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from verify" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the built-in and the released models, with their places in the cache'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from help" -f -a "info" -d 'Show a model\'s architecture, size, hashes and origin'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from help" -f -a "convert" -d 'Write a model in the Hub layout (config.json, model.safetensors), without buffers that can be recomputed'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from help" -f -a "pull" -d 'Fetch a model into the Hugging Face cache'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Check that a model is what its name says, and that it computes what it should'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand models; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand completions" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand completions" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand completions" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand completions" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand man" -s t -l threads -d 'Number of threads, at most that of the cores [default: all cores]' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand man" -l device -d 'Device: auto (a GPU if one works, else the CPU), cpu, cuda or cuda:N; several GPUs side by side as cuda:0,1 or cuda:all' -r
complete -c hyenadna -n "__fish_hyenadna_using_subcommand man" -s q -l quiet -d 'Log errors only, and show no progress bar'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand man" -s v -l verbose -d 'Log debugging messages too'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and not __fish_seen_subcommand_from embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help" -f -a "embed" -d 'Embed regions of a genome, or sequences: one row of numbers for each'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and not __fish_seen_subcommand_from embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help" -f -a "score-variants" -d 'Score every ALT allele of a VCF: log-likelihood ratio and embedding distance'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and not __fish_seen_subcommand_from embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help" -f -a "likelihood" -d 'Score regions or sequences, or each of their bases, by how well the model predicts them'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and not __fish_seen_subcommand_from embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help" -f -a "mutagenesis" -d 'Score every change of one base in regions or sequences: saturation mutagenesis'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and not __fish_seen_subcommand_from embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help" -f -a "train" -d 'Train a model on genomes, from scratch or from a checkpoint'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and not __fish_seen_subcommand_from embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help" -f -a "finetune" -d 'Adapt a model to a task: classes, labels or numbers of sequences or of their bases'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and not __fish_seen_subcommand_from embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help" -f -a "perplexity" -d 'Measure how well a model predicts a genome, in bits per base'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and not __fish_seen_subcommand_from embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help" -f -a "evaluate" -d 'Measure how well scores separate labelled variants, or how good predictions are'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and not __fish_seen_subcommand_from embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help" -f -a "predict" -d 'Predict classes, labels or numbers with a fine-tuned model'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and not __fish_seen_subcommand_from embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help" -f -a "probe" -d 'Measure what the frozen embeddings of a model know about a task'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and not __fish_seen_subcommand_from embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help" -f -a "icl" -d 'Measure in-context learning: classes named by a letter after each sequence'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and not __fish_seen_subcommand_from embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help" -f -a "recall" -d 'Measure if a model uses its context'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and not __fish_seen_subcommand_from embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help" -f -a "generate" -d 'Generate DNA that continues a prompt'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and not __fish_seen_subcommand_from embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help" -f -a "project" -d 'Project vectors of `embed` to a few dimensions, as a table and a picture'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and not __fish_seen_subcommand_from embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help" -f -a "merge" -d 'Join the outputs of shards, in the order of their input'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and not __fish_seen_subcommand_from embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help" -f -a "bench" -d 'Measure the speed of the network at several lengths'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and not __fish_seen_subcommand_from embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help" -f -a "models" -d 'List, inspect, convert, fetch and verify models'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and not __fish_seen_subcommand_from embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help" -f -a "completions" -d 'Write the completion script of a shell to stdout'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and not __fish_seen_subcommand_from embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help" -f -a "man" -d 'Write the manual pages into a folder'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and not __fish_seen_subcommand_from embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and __fish_seen_subcommand_from models" -f -a "list" -d 'List the built-in and the released models, with their places in the cache'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and __fish_seen_subcommand_from models" -f -a "info" -d 'Show a model\'s architecture, size, hashes and origin'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and __fish_seen_subcommand_from models" -f -a "convert" -d 'Write a model in the Hub layout (config.json, model.safetensors), without buffers that can be recomputed'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and __fish_seen_subcommand_from models" -f -a "pull" -d 'Fetch a model into the Hugging Face cache'
complete -c hyenadna -n "__fish_hyenadna_using_subcommand help; and __fish_seen_subcommand_from models" -f -a "verify" -d 'Check that a model is what its name says, and that it computes what it should'
