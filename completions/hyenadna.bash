_hyenadna_words() {
    _hyenadna "$@"
    local word words=()
    for word in "${COMPREPLY[@]}"; do
        [[ $2 != -* && $word == -* ]] || words+=("$word")
    done
    COMPREPLY=("${words[@]}")
}

_hyenadna() {
    local i cur prev opts cmd
    COMPREPLY=()
    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
        cur="$2"
    else
        cur="${COMP_WORDS[COMP_CWORD]}"
    fi
    prev="$3"
    cmd=""
    opts=""

    for i in "${COMP_WORDS[@]:0:COMP_CWORD}"
    do
        case "${cmd},${i}" in
            ",$1")
                cmd="hyenadna"
                ;;
            hyenadna,bench)
                cmd="hyenadna__subcmd__bench"
                ;;
            hyenadna,completions)
                cmd="hyenadna__subcmd__completions"
                ;;
            hyenadna,embed)
                cmd="hyenadna__subcmd__embed"
                ;;
            hyenadna,evaluate)
                cmd="hyenadna__subcmd__evaluate"
                ;;
            hyenadna,finetune)
                cmd="hyenadna__subcmd__finetune"
                ;;
            hyenadna,generate)
                cmd="hyenadna__subcmd__generate"
                ;;
            hyenadna,help)
                cmd="hyenadna__subcmd__help"
                ;;
            hyenadna,icl)
                cmd="hyenadna__subcmd__icl"
                ;;
            hyenadna,likelihood)
                cmd="hyenadna__subcmd__likelihood"
                ;;
            hyenadna,man)
                cmd="hyenadna__subcmd__man"
                ;;
            hyenadna,merge)
                cmd="hyenadna__subcmd__merge"
                ;;
            hyenadna,models)
                cmd="hyenadna__subcmd__models"
                ;;
            hyenadna,mutagenesis)
                cmd="hyenadna__subcmd__mutagenesis"
                ;;
            hyenadna,perplexity)
                cmd="hyenadna__subcmd__perplexity"
                ;;
            hyenadna,predict)
                cmd="hyenadna__subcmd__predict"
                ;;
            hyenadna,probe)
                cmd="hyenadna__subcmd__probe"
                ;;
            hyenadna,project)
                cmd="hyenadna__subcmd__project"
                ;;
            hyenadna,recall)
                cmd="hyenadna__subcmd__recall"
                ;;
            hyenadna,score-variants)
                cmd="hyenadna__subcmd__score__subcmd__variants"
                ;;
            hyenadna,train)
                cmd="hyenadna__subcmd__train"
                ;;
            hyenadna__subcmd__help,bench)
                cmd="hyenadna__subcmd__help__subcmd__bench"
                ;;
            hyenadna__subcmd__help,completions)
                cmd="hyenadna__subcmd__help__subcmd__completions"
                ;;
            hyenadna__subcmd__help,embed)
                cmd="hyenadna__subcmd__help__subcmd__embed"
                ;;
            hyenadna__subcmd__help,evaluate)
                cmd="hyenadna__subcmd__help__subcmd__evaluate"
                ;;
            hyenadna__subcmd__help,finetune)
                cmd="hyenadna__subcmd__help__subcmd__finetune"
                ;;
            hyenadna__subcmd__help,generate)
                cmd="hyenadna__subcmd__help__subcmd__generate"
                ;;
            hyenadna__subcmd__help,help)
                cmd="hyenadna__subcmd__help__subcmd__help"
                ;;
            hyenadna__subcmd__help,icl)
                cmd="hyenadna__subcmd__help__subcmd__icl"
                ;;
            hyenadna__subcmd__help,likelihood)
                cmd="hyenadna__subcmd__help__subcmd__likelihood"
                ;;
            hyenadna__subcmd__help,man)
                cmd="hyenadna__subcmd__help__subcmd__man"
                ;;
            hyenadna__subcmd__help,merge)
                cmd="hyenadna__subcmd__help__subcmd__merge"
                ;;
            hyenadna__subcmd__help,models)
                cmd="hyenadna__subcmd__help__subcmd__models"
                ;;
            hyenadna__subcmd__help,mutagenesis)
                cmd="hyenadna__subcmd__help__subcmd__mutagenesis"
                ;;
            hyenadna__subcmd__help,perplexity)
                cmd="hyenadna__subcmd__help__subcmd__perplexity"
                ;;
            hyenadna__subcmd__help,predict)
                cmd="hyenadna__subcmd__help__subcmd__predict"
                ;;
            hyenadna__subcmd__help,probe)
                cmd="hyenadna__subcmd__help__subcmd__probe"
                ;;
            hyenadna__subcmd__help,project)
                cmd="hyenadna__subcmd__help__subcmd__project"
                ;;
            hyenadna__subcmd__help,recall)
                cmd="hyenadna__subcmd__help__subcmd__recall"
                ;;
            hyenadna__subcmd__help,score-variants)
                cmd="hyenadna__subcmd__help__subcmd__score__subcmd__variants"
                ;;
            hyenadna__subcmd__help,train)
                cmd="hyenadna__subcmd__help__subcmd__train"
                ;;
            hyenadna__subcmd__help__subcmd__models,convert)
                cmd="hyenadna__subcmd__help__subcmd__models__subcmd__convert"
                ;;
            hyenadna__subcmd__help__subcmd__models,info)
                cmd="hyenadna__subcmd__help__subcmd__models__subcmd__info"
                ;;
            hyenadna__subcmd__help__subcmd__models,list)
                cmd="hyenadna__subcmd__help__subcmd__models__subcmd__list"
                ;;
            hyenadna__subcmd__help__subcmd__models,pull)
                cmd="hyenadna__subcmd__help__subcmd__models__subcmd__pull"
                ;;
            hyenadna__subcmd__help__subcmd__models,verify)
                cmd="hyenadna__subcmd__help__subcmd__models__subcmd__verify"
                ;;
            hyenadna__subcmd__models,convert)
                cmd="hyenadna__subcmd__models__subcmd__convert"
                ;;
            hyenadna__subcmd__models,help)
                cmd="hyenadna__subcmd__models__subcmd__help"
                ;;
            hyenadna__subcmd__models,info)
                cmd="hyenadna__subcmd__models__subcmd__info"
                ;;
            hyenadna__subcmd__models,list)
                cmd="hyenadna__subcmd__models__subcmd__list"
                ;;
            hyenadna__subcmd__models,pull)
                cmd="hyenadna__subcmd__models__subcmd__pull"
                ;;
            hyenadna__subcmd__models,verify)
                cmd="hyenadna__subcmd__models__subcmd__verify"
                ;;
            hyenadna__subcmd__models__subcmd__help,convert)
                cmd="hyenadna__subcmd__models__subcmd__help__subcmd__convert"
                ;;
            hyenadna__subcmd__models__subcmd__help,help)
                cmd="hyenadna__subcmd__models__subcmd__help__subcmd__help"
                ;;
            hyenadna__subcmd__models__subcmd__help,info)
                cmd="hyenadna__subcmd__models__subcmd__help__subcmd__info"
                ;;
            hyenadna__subcmd__models__subcmd__help,list)
                cmd="hyenadna__subcmd__models__subcmd__help__subcmd__list"
                ;;
            hyenadna__subcmd__models__subcmd__help,pull)
                cmd="hyenadna__subcmd__models__subcmd__help__subcmd__pull"
                ;;
            hyenadna__subcmd__models__subcmd__help,verify)
                cmd="hyenadna__subcmd__models__subcmd__help__subcmd__verify"
                ;;
            *)
                ;;
        esac
    done

    case "${cmd}" in
        hyenadna)
            opts="-q -v -t -h -V --quiet --verbose --threads --device --help --version embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 1 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__bench)
            opts="-o -q -v -t -h --layers --width --lengths --batch --mixer --step --dtype --repeats --output --header --no-header --format --quiet --verbose --threads --device --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --layers)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --width)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --lengths)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --batch)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --mixer)
                    COMPREPLY=($(compgen -W "hyena attention" -- "${cur}"))
                    return 0
                    ;;
                --dtype)
                    COMPREPLY=($(compgen -W "fp32 tf32 bf16" -- "${cur}"))
                    return 0
                    ;;
                --repeats)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --header)
                    COMPREPLY=($(compgen -W "full names none" -- "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "tsv json" -- "${cur}"))
                    return 0
                    ;;
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__completions)
            opts="-q -v -t -h --quiet --verbose --threads --device --help bash elvish fish powershell zsh"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__embed)
            opts="-r -p -l -s -m -o -W -q -v -t -h --reference --save-index --region --shard --pool --layer --strand --flank --long --model --n-token --batch-tokens --dtype --cache-bytes --check-device --output --header --no-header --write-index --resume --summary --strict --format --quiet --verbose --threads --device --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --reference)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --region)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -r)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --shard)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pool)
                    COMPREPLY=($(compgen -W "mean max first last none" -- "${cur}"))
                    return 0
                    ;;
                -p)
                    COMPREPLY=($(compgen -W "mean max first last none" -- "${cur}"))
                    return 0
                    ;;
                --layer)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -l)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --strand)
                    COMPREPLY=($(compgen -W "auto forward reverse both concat" -- "${cur}"))
                    return 0
                    ;;
                -s)
                    COMPREPLY=($(compgen -W "auto forward reverse both concat" -- "${cur}"))
                    return 0
                    ;;
                --flank)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --long)
                    COMPREPLY=($(compgen -W "error truncate chunk" -- "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                --n-token)
                    COMPREPLY=($(compgen -W "auto n pad zero" -- "${cur}"))
                    return 0
                    ;;
                --batch-tokens)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dtype)
                    COMPREPLY=($(compgen -W "fp32 tf32 bf16" -- "${cur}"))
                    return 0
                    ;;
                --cache-bytes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --header)
                    COMPREPLY=($(compgen -W "full names none" -- "${cur}"))
                    return 0
                    ;;
                --write-index)
                    COMPREPLY=($(compgen -W "tbi csi" -- "${cur}"))
                    return 0
                    ;;
                -W)
                    COMPREPLY=($(compgen -W "tbi csi" -- "${cur}"))
                    return 0
                    ;;
                --resume)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --summary)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "tsv npy parquet" -- "${cur}"))
                    return 0
                    ;;
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__evaluate)
            opts="-o -q -v -t -h --label --positive --negative --scores --sign --by --bootstrap --seed --plot --curves --truth --predicted --probabilities --task --id --label-groups --confusion --report --output --header --no-header --summary --quiet --verbose --threads --device --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --label)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --positive)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --negative)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --scores)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sign)
                    COMPREPLY=($(compgen -W "expected + - auto" -- "${cur}"))
                    return 0
                    ;;
                --by)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --bootstrap)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --seed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --plot)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --curves)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --truth)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --predicted)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --probabilities)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --task)
                    COMPREPLY=($(compgen -W "classes multi-label regression" -- "${cur}"))
                    return 0
                    ;;
                --id)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --label-groups)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --confusion)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --report)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --header)
                    COMPREPLY=($(compgen -W "full names none" -- "${cur}"))
                    return 0
                    ;;
                --summary)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__finetune)
            opts="-o -m -p -s -q -v -t -h --train --valid --test --class --genomes --windows --sequence-column --label-column --split-column --valid-contigs --test-contigs --valid-fraction --test-fraction --reference --save-index --length --window --step --label-info --allele --track --mask-unlabelled --seed --task --on-leak --leak-share --output --resume --plot --sweep --seeds --long --preset --model --random --pool --strand --head-layers --method --shots --label-tokens --epochs --reverse-complement --class-weights --label-smoothing --metric --patience --plateau --frozen-cache --steps --batch --stages --lr --filter-lr --last-lr --warmup --weight-decay --beta2 --clip --dropout --dtype --recompute --batch-tokens --most-skipped --log-every --valid-every --save-every --keep --test-lengths --worker-timeout --quiet --verbose --threads --device --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --train)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --valid)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --test)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --class)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --genomes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --windows)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sequence-column)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --label-column)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --split-column)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --valid-contigs)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --test-contigs)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --valid-fraction)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --test-fraction)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --reference)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --window)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --length)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --step)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --label-info)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --allele)
                    COMPREPLY=($(compgen -W "ref alt" -- "${cur}"))
                    return 0
                    ;;
                --track)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --seed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --task)
                    COMPREPLY=($(compgen -W "single-label multi-label regression base-classes base-labels" -- "${cur}"))
                    return 0
                    ;;
                --on-leak)
                    COMPREPLY=($(compgen -W "warn drop fail" -- "${cur}"))
                    return 0
                    ;;
                --leak-share)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                -o)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --resume)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --plot)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --sweep)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --seeds)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --long)
                    COMPREPLY=($(compgen -W "error truncate" -- "${cur}"))
                    return 0
                    ;;
                --preset)
                    COMPREPLY=($(compgen -W "genomic-benchmarks nucleotide-transformer chromatin-profile" -- "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                --pool)
                    COMPREPLY=($(compgen -W "mean max first last none" -- "${cur}"))
                    return 0
                    ;;
                -p)
                    COMPREPLY=($(compgen -W "mean max first last none" -- "${cur}"))
                    return 0
                    ;;
                --strand)
                    COMPREPLY=($(compgen -W "forward both concat" -- "${cur}"))
                    return 0
                    ;;
                -s)
                    COMPREPLY=($(compgen -W "forward both concat" -- "${cur}"))
                    return 0
                    ;;
                --head-layers)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --method)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --shots)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --label-tokens)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --epochs)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --class-weights)
                    COMPREPLY=($(compgen -W "equal balanced" -- "${cur}"))
                    return 0
                    ;;
                --label-smoothing)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --metric)
                    COMPREPLY=($(compgen -W "loss accuracy balanced-accuracy mcc f1 auroc average-precision r2 pearson spearman" -- "${cur}"))
                    return 0
                    ;;
                --patience)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --plateau)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --steps)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --batch)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stages)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --lr)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --filter-lr)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --last-lr)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --warmup)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --weight-decay)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --beta2)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --clip)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dropout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dtype)
                    COMPREPLY=($(compgen -W "fp32 tf32 bf16" -- "${cur}"))
                    return 0
                    ;;
                --recompute)
                    COMPREPLY=($(compgen -W "none mixer block auto" -- "${cur}"))
                    return 0
                    ;;
                --batch-tokens)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --most-skipped)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --log-every)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --valid-every)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --save-every)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --keep)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --test-lengths)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --worker-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__generate)
            opts="-r -n -m -o -q -v -t -h --reference --save-index --region --length --count --temperature --top-k --top-p --seed --with-prompt --stream --model --n-token --batch-tokens --dtype --cache-bytes --check-device --output --summary --quiet --verbose --threads --device --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --reference)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --region)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -r)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --length)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -n)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --count)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --temperature)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --top-k)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --top-p)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --seed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                --n-token)
                    COMPREPLY=($(compgen -W "auto n pad zero" -- "${cur}"))
                    return 0
                    ;;
                --batch-tokens)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dtype)
                    COMPREPLY=($(compgen -W "fp32 tf32 bf16" -- "${cur}"))
                    return 0
                    ;;
                --cache-bytes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --summary)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help)
            opts="embed score-variants likelihood mutagenesis train finetune perplexity evaluate predict probe icl recall generate project merge bench models completions man help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__bench)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__completions)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__embed)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__evaluate)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__finetune)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__generate)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__icl)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__likelihood)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__man)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__merge)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__models)
            opts="list info convert pull verify"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__models__subcmd__convert)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__models__subcmd__info)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__models__subcmd__list)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__models__subcmd__pull)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__models__subcmd__verify)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__mutagenesis)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__perplexity)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__predict)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__probe)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__project)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__recall)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__score__subcmd__variants)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__help__subcmd__train)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__icl)
            opts="-k -m -o -q -v -t -h --train --valid --test --class --genomes --windows --sequence-column --label-column --split-column --valid-contigs --test-contigs --valid-fraction --test-fraction --reference --save-index --length --window --step --label-info --allele --track --mask-unlabelled --seed --task --on-leak --leak-share --shots --tune --label-tokens --seeds --truncate --lr --batch --plot --model --batch-tokens --dtype --cache-bytes --check-device --output --header --no-header --summary --n-token --quiet --verbose --threads --device --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --train)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --valid)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --test)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --class)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --genomes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --windows)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sequence-column)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --label-column)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --split-column)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --valid-contigs)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --test-contigs)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --valid-fraction)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --test-fraction)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --reference)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --window)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --length)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --step)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --label-info)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --allele)
                    COMPREPLY=($(compgen -W "ref alt" -- "${cur}"))
                    return 0
                    ;;
                --track)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --seed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --task)
                    COMPREPLY=($(compgen -W "single-label multi-label regression base-classes base-labels" -- "${cur}"))
                    return 0
                    ;;
                --on-leak)
                    COMPREPLY=($(compgen -W "warn drop fail" -- "${cur}"))
                    return 0
                    ;;
                --leak-share)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --shots)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -k)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --tune)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --label-tokens)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --seeds)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --truncate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --lr)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --batch)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --plot)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                --batch-tokens)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dtype)
                    COMPREPLY=($(compgen -W "fp32 tf32 bf16" -- "${cur}"))
                    return 0
                    ;;
                --cache-bytes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --header)
                    COMPREPLY=($(compgen -W "full names none" -- "${cur}"))
                    return 0
                    ;;
                --summary)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --n-token)
                    COMPREPLY=($(compgen -W "auto n pad zero" -- "${cur}"))
                    return 0
                    ;;
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__likelihood)
            opts="-r -s -c -m -o -W -q -v -t -h --reference --save-index --region --shard --strand --per-base --track --context --min-context --no-flank --model --n-token --batch-tokens --dtype --cache-bytes --check-device --output --header --no-header --write-index --resume --summary --strict --format --quiet --verbose --threads --device --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --reference)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --region)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -r)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --shard)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --strand)
                    COMPREPLY=($(compgen -W "forward reverse both" -- "${cur}"))
                    return 0
                    ;;
                -s)
                    COMPREPLY=($(compgen -W "forward reverse both" -- "${cur}"))
                    return 0
                    ;;
                --track)
                    COMPREPLY=($(compgen -W "log_probability entropy p_A p_C p_G p_T" -- "${cur}"))
                    return 0
                    ;;
                --context)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -c)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --min-context)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                --n-token)
                    COMPREPLY=($(compgen -W "auto n pad zero" -- "${cur}"))
                    return 0
                    ;;
                --batch-tokens)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dtype)
                    COMPREPLY=($(compgen -W "fp32 tf32 bf16" -- "${cur}"))
                    return 0
                    ;;
                --cache-bytes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --header)
                    COMPREPLY=($(compgen -W "full names none" -- "${cur}"))
                    return 0
                    ;;
                --write-index)
                    COMPREPLY=($(compgen -W "tbi csi" -- "${cur}"))
                    return 0
                    ;;
                -W)
                    COMPREPLY=($(compgen -W "tbi csi" -- "${cur}"))
                    return 0
                    ;;
                --resume)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --summary)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "tsv bedgraph bigwig" -- "${cur}"))
                    return 0
                    ;;
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__man)
            opts="-q -v -t -h --quiet --verbose --threads --device --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__merge)
            opts="-o -W -q -v -t -h --output --write-index --quiet --verbose --threads --device --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --write-index)
                    COMPREPLY=($(compgen -W "tbi csi" -- "${cur}"))
                    return 0
                    ;;
                -W)
                    COMPREPLY=($(compgen -W "tbi csi" -- "${cur}"))
                    return 0
                    ;;
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__models)
            opts="-q -v -t -h --quiet --verbose --threads --device --help list info convert pull verify help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__models__subcmd__convert)
            opts="-q -v -t -h --shift --head-pool --classes --head-task --for --quiet --verbose --threads --device --help builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --shift)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --head-pool)
                    COMPREPLY=($(compgen -W "mean max first last none" -- "${cur}"))
                    return 0
                    ;;
                --classes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --head-task)
                    COMPREPLY=($(compgen -W "single-label multi-label regression" -- "${cur}"))
                    return 0
                    ;;
                --for)
                    COMPREPLY=($(compgen -W "hyenadna transformers" -- "${cur}"))
                    return 0
                    ;;
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__models__subcmd__help)
            opts="list info convert pull verify help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__models__subcmd__help__subcmd__convert)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__models__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__models__subcmd__help__subcmd__info)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__models__subcmd__help__subcmd__list)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__models__subcmd__help__subcmd__pull)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__models__subcmd__help__subcmd__verify)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__models__subcmd__info)
            opts="-q -v -t -h --diagnose --window --most-windows --quiet --verbose --threads --device --help builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --diagnose)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --window)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --most-windows)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__models__subcmd__list)
            opts="-q -v -t -h --quiet --verbose --threads --device --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__models__subcmd__pull)
            opts="-q -v -t -h --quiet --verbose --threads --device --help builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__models__subcmd__verify)
            opts="-q -v -t -h --as --hg38 --quiet --verbose --threads --device --help builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --as)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --hg38)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__mutagenesis)
            opts="-r -c -w -d -s -m -o -W -q -v -t -h --reference --save-index --region --shard --fast --deletions --scores --matrix --plot --context --window --downstream --strand --genes --circular --model --n-token --batch-tokens --dtype --cache-bytes --check-device --output --header --no-header --write-index --resume --summary --strict --quiet --verbose --threads --device --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --reference)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --region)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -r)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --shard)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --scores)
                    COMPREPLY=($(compgen -W "all llr site downstream embedding jsd entropy" -- "${cur}"))
                    return 0
                    ;;
                --matrix)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --plot)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --context)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -c)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --window)
                    COMPREPLY=($(compgen -W "centered tiled" -- "${cur}"))
                    return 0
                    ;;
                -w)
                    COMPREPLY=($(compgen -W "centered tiled" -- "${cur}"))
                    return 0
                    ;;
                --downstream)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --strand)
                    COMPREPLY=($(compgen -W "both forward reverse gene" -- "${cur}"))
                    return 0
                    ;;
                -s)
                    COMPREPLY=($(compgen -W "both forward reverse gene" -- "${cur}"))
                    return 0
                    ;;
                --genes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --circular)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                --n-token)
                    COMPREPLY=($(compgen -W "auto n pad zero" -- "${cur}"))
                    return 0
                    ;;
                --batch-tokens)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dtype)
                    COMPREPLY=($(compgen -W "fp32 tf32 bf16" -- "${cur}"))
                    return 0
                    ;;
                --cache-bytes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --header)
                    COMPREPLY=($(compgen -W "full names none" -- "${cur}"))
                    return 0
                    ;;
                --write-index)
                    COMPREPLY=($(compgen -W "tbi csi" -- "${cur}"))
                    return 0
                    ;;
                -W)
                    COMPREPLY=($(compgen -W "tbi csi" -- "${cur}"))
                    return 0
                    ;;
                --resume)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --summary)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__perplexity)
            opts="-m -o -q -v -t -h --reference --intervals --split --window --most-windows --model --n-token --batch-tokens --dtype --cache-bytes --check-device --output --header --no-header --summary --quiet --verbose --threads --device --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --reference)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --intervals)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --split)
                    COMPREPLY=($(compgen -W "train valid test" -- "${cur}"))
                    return 0
                    ;;
                --window)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --most-windows)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                --n-token)
                    COMPREPLY=($(compgen -W "auto n pad zero" -- "${cur}"))
                    return 0
                    ;;
                --batch-tokens)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dtype)
                    COMPREPLY=($(compgen -W "fp32 tf32 bf16" -- "${cur}"))
                    return 0
                    ;;
                --cache-bytes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --header)
                    COMPREPLY=($(compgen -W "full names none" -- "${cur}"))
                    return 0
                    ;;
                --summary)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__predict)
            opts="-r -s -m -o -W -q -v -t -h --reference --save-index --region --shard --strand --stride --window --overlap --long --threshold --top --output-class --on-ref-mismatch --on-missing-contig --circular --info-prefix --model --n-token --batch-tokens --dtype --cache-bytes --check-device --output --header --no-header --write-index --resume --summary --strict --format --quiet --verbose --threads --device --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --reference)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --region)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -r)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --shard)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --strand)
                    COMPREPLY=($(compgen -W "auto forward reverse both" -- "${cur}"))
                    return 0
                    ;;
                -s)
                    COMPREPLY=($(compgen -W "auto forward reverse both" -- "${cur}"))
                    return 0
                    ;;
                --stride)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --window)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --overlap)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --long)
                    COMPREPLY=($(compgen -W "error truncate chunk" -- "${cur}"))
                    return 0
                    ;;
                --threshold)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --top)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output-class)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --on-ref-mismatch)
                    COMPREPLY=($(compgen -W "check report skip fail swap" -- "${cur}"))
                    return 0
                    ;;
                --on-missing-contig)
                    COMPREPLY=($(compgen -W "report skip fail" -- "${cur}"))
                    return 0
                    ;;
                --circular)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --info-prefix)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                --n-token)
                    COMPREPLY=($(compgen -W "auto n pad zero" -- "${cur}"))
                    return 0
                    ;;
                --batch-tokens)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dtype)
                    COMPREPLY=($(compgen -W "fp32 tf32 bf16" -- "${cur}"))
                    return 0
                    ;;
                --cache-bytes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --header)
                    COMPREPLY=($(compgen -W "full names none" -- "${cur}"))
                    return 0
                    ;;
                --write-index)
                    COMPREPLY=($(compgen -W "tbi csi" -- "${cur}"))
                    return 0
                    ;;
                -W)
                    COMPREPLY=($(compgen -W "tbi csi" -- "${cur}"))
                    return 0
                    ;;
                --resume)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --summary)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "tsv csv bed npy parquet vcf bcf bedgraph bigwig" -- "${cur}"))
                    return 0
                    ;;
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__probe)
            opts="-p -l -s -o -m -q -v -t -h --train --valid --test --class --genomes --windows --sequence-column --label-column --split-column --valid-contigs --test-contigs --valid-fraction --test-fraction --reference --save-index --length --window --step --label-info --allele --track --mask-unlabelled --seed --task --on-leak --leak-share --pool --layer --strand --long --sweep --embeddings --classifier --baselines --kmer --kmer-binned --folds --n-token --batch-tokens --dtype --cache-bytes --check-device --output --header --no-header --summary --model --quiet --verbose --threads --device --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --train)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --valid)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --test)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --class)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --genomes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --windows)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sequence-column)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --label-column)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --split-column)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --valid-contigs)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --test-contigs)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --valid-fraction)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --test-fraction)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --reference)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --window)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --length)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --step)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --label-info)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --allele)
                    COMPREPLY=($(compgen -W "ref alt" -- "${cur}"))
                    return 0
                    ;;
                --track)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --seed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --task)
                    COMPREPLY=($(compgen -W "single-label multi-label regression base-classes base-labels" -- "${cur}"))
                    return 0
                    ;;
                --on-leak)
                    COMPREPLY=($(compgen -W "warn drop fail" -- "${cur}"))
                    return 0
                    ;;
                --leak-share)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pool)
                    COMPREPLY=($(compgen -W "mean max first last none" -- "${cur}"))
                    return 0
                    ;;
                -p)
                    COMPREPLY=($(compgen -W "mean max first last none" -- "${cur}"))
                    return 0
                    ;;
                --layer)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -l)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --strand)
                    COMPREPLY=($(compgen -W "forward reverse both concat" -- "${cur}"))
                    return 0
                    ;;
                -s)
                    COMPREPLY=($(compgen -W "forward reverse both concat" -- "${cur}"))
                    return 0
                    ;;
                --long)
                    COMPREPLY=($(compgen -W "error truncate chunk" -- "${cur}"))
                    return 0
                    ;;
                --embeddings)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --classifier)
                    COMPREPLY=($(compgen -W "logistic gbdt" -- "${cur}"))
                    return 0
                    ;;
                --baselines)
                    COMPREPLY=($(compgen -W "kmers binned both composition length none" -- "${cur}"))
                    return 0
                    ;;
                --kmer)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kmer-binned)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --folds)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --n-token)
                    COMPREPLY=($(compgen -W "auto n pad zero" -- "${cur}"))
                    return 0
                    ;;
                --batch-tokens)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dtype)
                    COMPREPLY=($(compgen -W "fp32 tf32 bf16" -- "${cur}"))
                    return 0
                    ;;
                --cache-bytes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --header)
                    COMPREPLY=($(compgen -W "full names none" -- "${cur}"))
                    return 0
                    ;;
                --summary)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__project)
            opts="-o -q -v -t -h --labels --label-column --match-by --name-column --method --components --standardise --perplexity --start --seed --plot --output --header --no-header --summary --strict --quiet --verbose --threads --device --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --labels)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --label-column)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --match-by)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --name-column)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --method)
                    COMPREPLY=($(compgen -W "pca tsne" -- "${cur}"))
                    return 0
                    ;;
                --components)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --perplexity)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --start)
                    COMPREPLY=($(compgen -W "pca random" -- "${cur}"))
                    return 0
                    ;;
                --seed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --plot)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --header)
                    COMPREPLY=($(compgen -W "full names none" -- "${cur}"))
                    return 0
                    ;;
                --summary)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__recall)
            opts="-o -m -q -v -t -h --reference --intervals --split --window --segment --distances --copies --mutate --backgrounds --replicates --seed --plot --n-token --batch-tokens --dtype --cache-bytes --check-device --output --header --no-header --summary --model --quiet --verbose --threads --device --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --reference)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --intervals)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --split)
                    COMPREPLY=($(compgen -W "train valid test" -- "${cur}"))
                    return 0
                    ;;
                --window)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --segment)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --distances)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --copies)
                    COMPREPLY=($(compgen -W "exact mutated reverse-complement" -- "${cur}"))
                    return 0
                    ;;
                --mutate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --backgrounds)
                    COMPREPLY=($(compgen -W "native shuffled" -- "${cur}"))
                    return 0
                    ;;
                --replicates)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --seed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --plot)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --n-token)
                    COMPREPLY=($(compgen -W "auto n pad zero" -- "${cur}"))
                    return 0
                    ;;
                --batch-tokens)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dtype)
                    COMPREPLY=($(compgen -W "fp32 tf32 bf16" -- "${cur}"))
                    return 0
                    ;;
                --cache-bytes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --header)
                    COMPREPLY=($(compgen -W "full names none" -- "${cur}"))
                    return 0
                    ;;
                --summary)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__score__subcmd__variants)
            opts="-c -w -d -s -m -o -W -q -v -t -h --reference --save-index --all-snvs --variant --scores --on-ref-mismatch --on-missing-contig --normalize --phase --sample --known --info-prefix --shard --context --window --downstream --strand --genes --circular --null --null-regions --seed --save-null --use-null --length-correct --model --n-token --batch-tokens --dtype --cache-bytes --check-device --output --header --no-header --write-index --resume --summary --strict --format --quiet --verbose --threads --device --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --reference)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --all-snvs)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --variant)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --scores)
                    COMPREPLY=($(compgen -W "all llr site downstream embedding jsd entropy" -- "${cur}"))
                    return 0
                    ;;
                --on-ref-mismatch)
                    COMPREPLY=($(compgen -W "check report skip fail swap" -- "${cur}"))
                    return 0
                    ;;
                --on-missing-contig)
                    COMPREPLY=($(compgen -W "report skip fail" -- "${cur}"))
                    return 0
                    ;;
                --sample)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --known)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --info-prefix)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --shard)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --context)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -c)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --window)
                    COMPREPLY=($(compgen -W "centered tiled" -- "${cur}"))
                    return 0
                    ;;
                -w)
                    COMPREPLY=($(compgen -W "centered tiled" -- "${cur}"))
                    return 0
                    ;;
                --downstream)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --strand)
                    COMPREPLY=($(compgen -W "both forward reverse gene" -- "${cur}"))
                    return 0
                    ;;
                -s)
                    COMPREPLY=($(compgen -W "both forward reverse gene" -- "${cur}"))
                    return 0
                    ;;
                --genes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --circular)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --null)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --null-regions)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --seed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --save-null)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --use-null)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --model)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                --n-token)
                    COMPREPLY=($(compgen -W "auto n pad zero" -- "${cur}"))
                    return 0
                    ;;
                --batch-tokens)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dtype)
                    COMPREPLY=($(compgen -W "fp32 tf32 bf16" -- "${cur}"))
                    return 0
                    ;;
                --cache-bytes)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --header)
                    COMPREPLY=($(compgen -W "full names none" -- "${cur}"))
                    return 0
                    ;;
                --write-index)
                    COMPREPLY=($(compgen -W "tbi csi" -- "${cur}"))
                    return 0
                    ;;
                -W)
                    COMPREPLY=($(compgen -W "tbi csi" -- "${cur}"))
                    return 0
                    ;;
                --resume)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --summary)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "tsv vcf bcf bed csv parquet" -- "${cur}"))
                    return 0
                    ;;
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        hyenadna__subcmd__train)
            opts="-o -q -v -t -h --output --resume --plot --print-config --preset --config --reference --weight --intervals --valid-contigs --test-contigs --valid-fraction --sampling --forward-only --most-n --valid-windows --seed --init --layers --width --context --length --steps --batch --stages --lr --filter-lr --last-lr --warmup --weight-decay --beta2 --clip --dropout --dtype --recompute --batch-tokens --most-skipped --log-every --valid-every --save-every --keep --worker-timeout --quiet --verbose --threads --device --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --output)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                -o)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --resume)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --plot)
                    COMPREPLY=()
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o plusdirs
                    fi
                    return 0
                    ;;
                --preset)
                    COMPREPLY=($(compgen -W "tiny-1k tiny-1k-d256 tiny-16k small-32k medium-160k medium-450k large-1m" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --reference)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --weight)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --intervals)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --valid-contigs)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --test-contigs)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --valid-fraction)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sampling)
                    COMPREPLY=($(compgen -W "windows intervals" -- "${cur}"))
                    return 0
                    ;;
                --most-n)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --valid-windows)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --seed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --init)
                    COMPREPLY=($(compgen -W "builtin human-1k hyenadna-tiny-1k-seqlen hyenadna-tiny-1k-seqlen-d256 hyenadna-tiny-16k-seqlen-d128 hyenadna-small-32k-seqlen hyenadna-medium-160k-seqlen hyenadna-medium-450k-seqlen hyenadna-large-1m-seqlen" -- "${cur}"))
                    return 0
                    ;;
                --layers)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --width)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --context)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --length)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --steps)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --batch)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stages)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --lr)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --filter-lr)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --last-lr)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --warmup)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --weight-decay)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --beta2)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --clip)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dropout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dtype)
                    COMPREPLY=($(compgen -W "fp32 tf32 bf16" -- "${cur}"))
                    return 0
                    ;;
                --recompute)
                    COMPREPLY=($(compgen -W "none mixer block auto" -- "${cur}"))
                    return 0
                    ;;
                --batch-tokens)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --most-skipped)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --log-every)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --valid-every)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --save-every)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --keep)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --worker-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --threads)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --device)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
    esac
}

if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -F _hyenadna_words -o nosort -o bashdefault -o default hyenadna
else
    complete -F _hyenadna_words -o bashdefault -o default hyenadna
fi
