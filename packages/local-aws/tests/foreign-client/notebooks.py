"""SageMaker's notebook instances: one is made with scripts, changed where it has stopped, and taken away."""

from base64 import b64encode

from client import ROLE, WAITER, Tour, refused

SCRIPTS = {"NotebookInstanceLifecycleConfigName": "scripts"}
NOTES = {"NotebookInstanceName": "notes"}


def notebooks(tour: Tour) -> None:
    client = tour.client("sagemaker")
    hook = [{"Content": b64encode(b"#!/bin/bash\necho made").decode()}]
    client.create_notebook_instance_lifecycle_config(**SCRIPTS, OnCreate=hook)
    client.update_notebook_instance_lifecycle_config(**SCRIPTS, OnStart=hook)
    scripts = client.describe_notebook_instance_lifecycle_config(**SCRIPTS)
    tour.seen["notebook's scripts"] = [scripts["OnCreate"] == hook, scripts["OnStart"] == hook]
    too_long = [{"Content": "a" * 16385}]
    tour.seen["too long a script"] = refused(
        lambda: client.create_notebook_instance_lifecycle_config(
            NotebookInstanceLifecycleConfigName="long", OnStart=too_long
        )
    )["code"]

    made = {"InstanceType": "ml.t3.medium", "RoleArn": ROLE, "LifecycleConfigName": "scripts"}
    client.create_notebook_instance(**NOTES, **made)
    client.get_waiter("notebook_instance_in_service").wait(**NOTES, WaiterConfig=WAITER)
    tour.seen["notebook in use"] = refused(lambda: client.delete_notebook_instance(**NOTES))["code"]
    client.stop_notebook_instance(**NOTES)
    client.get_waiter("notebook_instance_stopped").wait(**NOTES, WaiterConfig=WAITER)
    client.update_notebook_instance(**NOTES, InstanceType="ml.t3.large")
    client.get_waiter("notebook_instance_stopped").wait(**NOTES, WaiterConfig=WAITER)
    client.start_notebook_instance(**NOTES)
    client.get_waiter("notebook_instance_in_service").wait(**NOTES, WaiterConfig=WAITER)
    tour.seen["notebook"] = client.describe_notebook_instance(**NOTES)["InstanceType"]
    client.stop_notebook_instance(**NOTES)
    client.get_waiter("notebook_instance_stopped").wait(**NOTES, WaiterConfig=WAITER)
    client.delete_notebook_instance(**NOTES)
    client.get_waiter("notebook_instance_deleted").wait(**NOTES, WaiterConfig=WAITER)
    client.delete_notebook_instance_lifecycle_config(**SCRIPTS)
    tour.seen["notebooks left"] = client.list_notebook_instances()["NotebookInstances"]
