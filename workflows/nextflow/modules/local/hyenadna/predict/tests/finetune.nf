// A model for the test of predict: two steps, so that it exists, not so that it is good.
process FINETUNE {
    input:
    tuple val(meta), path(data)

    output:
    tuple val(meta), path("run"), emit: model

    script:
    """
    hyenadna finetune ${data} -o run --steps 2 --batch 4 --device cpu
    """
}
