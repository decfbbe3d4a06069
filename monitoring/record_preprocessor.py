"""Called by Model Monitor's analyzer for each captured request: makes a row of each line, the prediction first.

The rollout's own probes are left out, and so is what is no CSV. AWS has the classes of what it is called with, and says that
an empty list leaves a record out: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-pre-and-post-processing.html

It runs in the analyzer, whatever Python that has, and imports the standard library only.
"""

import csv

# What the ids of a rollout's own requests begin with: lib/contract.ts has it too.
PROBE = "safe-deploy-probe-"


def preprocess_handler(inference_record, logger):
    """Rows by the places of their columns, as AWS's page does it: the analyzer sorts the keys."""
    metadata = inference_record.event_dict.get("eventMetadata", {})
    if str(metadata.get("inferenceId", "")).startswith(PROBE):
        return []
    sides = (inference_record.endpoint_input, inference_record.endpoint_output)
    if any(side is None or side.encoding != "CSV" for side in sides):
        logger.warning("left out: a request or an answer that is no CSV")
        return []
    requests, answers = ([row for row in csv.reader(side.data.splitlines()) if row] for side in sides)
    # Some models answer many rows in one line.
    predictions = answers[0] if len(answers) == 1 and len(requests) > 1 else [row[0] for row in answers]
    if len(predictions) != len(requests):
        logger.warning("left out: %d answers to %d rows", len(predictions), len(requests))
        return []
    rows = [[prediction, *request] for prediction, request in zip(predictions, requests)]
    return [{str(place).zfill(20): value.strip() for place, value in enumerate(row)} for row in rows]
