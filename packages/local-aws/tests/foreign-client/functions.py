"""Lambda, API Gateway and CodeDeploy: a function behind an API, and a deployment of its next version."""

import json
import urllib.error
import urllib.request

from client import ROLE, WAITER, Tour, package, refused, until

ARN = "arn:aws:lambda:us-east-1:123456789012:function"
SAYS = 'exports.handler = async () => ({{ statusCode: 200, body: "{0}" }});'
PRINTS = "exports.handler = async (event) => { console.log(JSON.stringify(event)); };"


def functions(tour: Tour) -> None:
    client = tour.client("lambda")
    create = {"Runtime": "nodejs20.x", "Handler": "index.handler", "Role": ROLE}
    for name, source in {"says": SAYS.format("one"), "CodeDeployHook_prints": PRINTS, "fails": "nothing"}.items():
        client.create_function(FunctionName=name, Code={"ZipFile": package(source)}, Tags={"owner": "me"}, **create)
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig=WAITER)
    client.get_waiter("function_active").wait(FunctionName="says", WaiterConfig=WAITER)
    pages = client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 1})
    tour.seen["functions"] = sorted(each["FunctionName"] for page in pages for each in page["Functions"])
    client.publish_version(FunctionName="says", Description="first")
    versions = client.list_functions(FunctionVersion="ALL")["Functions"]
    tour.seen["functions' versions"] = [[each["FunctionName"], each["Version"]] for each in versions]
    client.create_alias(FunctionName="says", Name="live", FunctionVersion="1")
    client.update_function_configuration(
        FunctionName="says", MemorySize=256, Environment={"Variables": {"GREETING": "hello"}}
    )
    client.get_waiter("function_updated_v2").wait(FunctionName="says", WaiterConfig=WAITER)
    client.update_function_code(FunctionName="says", ZipFile=package(SAYS.format("two")))
    client.get_waiter("function_updated_v2").wait(FunctionName="says", WaiterConfig=WAITER)
    client.publish_version(FunctionName="says")
    client.get_waiter("published_version_active").wait(FunctionName="says", Qualifier="2", WaiterConfig=WAITER)
    client.update_alias(FunctionName="says", Name="live", Description="what callers get")
    client.get_alias(FunctionName="says", Name="live")
    client.list_aliases(FunctionName="says")
    client.list_versions_by_function(FunctionName="says")
    client.get_function(FunctionName="says", Qualifier="live")
    client.get_function_configuration(FunctionName="says")
    client.put_function_concurrency(FunctionName="says", ReservedConcurrentExecutions=5)
    client.get_function_concurrency(FunctionName="says")
    client.delete_function_concurrency(FunctionName="says")
    client.put_provisioned_concurrency_config(FunctionName="says", Qualifier="1", ProvisionedConcurrentExecutions=1)
    client.get_provisioned_concurrency_config(FunctionName="says", Qualifier="1")
    client.delete_provisioned_concurrency_config(FunctionName="says", Qualifier="1")
    client.tag_resource(Resource=f"{ARN}:says", Tags={"more": "of them"})
    client.untag_resource(Resource=f"{ARN}:says", TagKeys=["owner"])
    tour.seen["function's tags"] = client.list_tags(Resource=f"{ARN}:says")["Tags"]
    answer = client.invoke(FunctionName="says", Qualifier="live", LogType="Tail", Payload=b"{}")
    tour.seen["version invoked"] = answer["ExecutedVersion"]
    tour.seen["answer"] = json.load(answer["Payload"])["body"]
    tour.seen["function error"] = client.invoke(FunctionName="fails")["FunctionError"]
    client.invoke(FunctionName="CodeDeployHook_prints", InvocationType="Event", Payload=b"{}")
    client.invoke(FunctionName="says", InvocationType="DryRun")
    tour.seen["no such function"] = refused(lambda: client.get_function(FunctionName="none"))["class"]
    tour.seen["alias again"] = refused(
        lambda: client.create_alias(FunctionName="says", Name="live", FunctionVersion="1")
    )["class"]
    tour.seen["not there"] = refused(lambda: client.get_account_settings())
    layers(tour, client)


def layers(tour: Tour, client) -> None:
    content = {"ZipFile": package("exports.said = 'by a layer';", "nodejs/node_modules/said.js")}
    layer = client.publish_layer_version(LayerName="said", Content=content, Description="what to say")
    client.create_function(
        FunctionName="layered",
        Runtime="nodejs20.x",
        Handler="index.handler",
        Role=ROLE,
        Code={"ZipFile": package("exports.handler = async () => require('said').said;")},
        Layers=[layer["LayerVersionArn"]],
    )
    client.get_waiter("function_active_v2").wait(FunctionName="layered", WaiterConfig=WAITER)
    client.get_layer_version(LayerName="said", VersionNumber=layer["Version"])
    tour.seen["layers"] = [each["LayerName"] for each in client.list_layers()["Layers"]]
    tour.seen["layer's versions"] = [each["Version"] for each in client.list_layer_versions(LayerName="said")["LayerVersions"]]
    client.delete_layer_version(LayerName="said", VersionNumber=1)
    # A function keeps the layers that it has.
    tour.seen["said by a layer"] = json.load(client.invoke(FunctionName="layered")["Payload"])
    tour.seen["no such layer"] = refused(lambda: client.get_layer_version(LayerName="said", VersionNumber=1))["class"]
    client.delete_function(FunctionName="layered")


def rest_api(tour: Tour) -> None:
    client = tour.client("apigateway")
    functions = tour.client("lambda")
    functions.add_permission(
        FunctionName="says",
        Qualifier="live",
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    functions.get_policy(FunctionName="says", Qualifier="live")
    api = client.create_rest_api(name="greetings", tags={"owner": "me"}, endpointConfiguration={"types": ["REGIONAL"]})
    of_api = {"restApiId": api["id"]}
    resource = client.create_resource(parentId=api["rootResourceId"], pathPart="greeting", **of_api)
    method = {"resourceId": resource["id"], "httpMethod": "GET", **of_api}
    client.put_method(authorizationType="NONE", **method)
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{ARN}:says:live/invocations"
    client.put_integration(type="AWS_PROXY", integrationHttpMethod="POST", uri=uri, **method)
    client.update_integration(patchOperations=[replace("/timeoutInMillis", "5000")], **method)
    client.get_integration(**method)
    client.update_method(patchOperations=[replace("/apiKeyRequired", "true")], **method)
    client.get_method(**method)
    deployment = {"deploymentId": client.create_deployment(description="first", **of_api)["id"], **of_api}
    client.update_deployment(patchOperations=[replace("/description", "the first")], **deployment)
    client.get_deployment(**deployment)
    client.get_deployments(**of_api)
    client.update_account(patchOperations=[replace("/cloudwatchRoleArn", ROLE)])
    client.get_account()
    stage = {"stageName": "Prod", **of_api}
    client.create_stage(deploymentId=deployment["deploymentId"], variables={"colour": "blue"}, **stage)
    client.update_stage(patchOperations=[replace("/*/*/metrics/enabled", "true")], **stage)
    client.get_stage(**stage)
    client.get_stages(**of_api)
    client.update_rest_api(patchOperations=[replace("/description", "says hello")], **of_api)
    client.get_rest_api(**of_api)
    client.get_rest_apis(limit=1)
    client.get_resource(resourceId=resource["id"], **of_api)
    client.get_resources(embed=["methods"], **of_api)
    arn = f"arn:aws:apigateway:us-east-1::/restapis/{api['id']}"
    client.tag_resource(resourceArn=arn, tags={"more": "of them"})
    client.untag_resource(resourceArn=arn, tagKeys=["owner"])
    tour.seen["API's tags"] = client.get_tags(resourceArn=arn)["tags"]
    client.tag_resource(resourceArn=f"{arn}/stages/Prod", tags={"more": "of them"})
    tour.seen["stage's tags"] = client.get_tags(resourceArn=f"{arn}/stages/Prod")["tags"]
    key = api_key(client, api["id"])
    url = f"{client.meta.endpoint_url}/_aws/execute-api/{api['id']}/Prod/greeting"
    try:
        urllib.request.urlopen(url)
    except urllib.error.HTTPError as error:
        tour.seen["greeting without a key"] = error.code
    with urllib.request.urlopen(urllib.request.Request(url, headers={"x-api-key": key})) as answered:
        tour.seen["greeting"] = answered.read().decode()
    tour.seen["no such API"] = refused(lambda: client.get_rest_api(restApiId="none"))["class"]
    client.delete_integration(**method)
    client.delete_method(**method)
    client.delete_resource(resourceId=resource["id"], **of_api)
    for plan in client.get_usage_plans()["items"]:
        taken_out = {"op": "remove", "path": "/apiStages", "value": f"{api['id']}:Prod"}
        client.update_usage_plan(usagePlanId=plan["id"], patchOperations=[taken_out])
    client.delete_stage(**stage)
    client.delete_deployment(**deployment)
    client.delete_rest_api(**of_api)
    functions.remove_permission(FunctionName="says", Qualifier="live", StatementId="api")


def api_key(client, api_id: str) -> str:
    """Makes a key that the stage lets in, and a plan and a key that are thrown away."""
    value = ""
    for name in ("thrown-away", "used"):
        key = client.create_api_key(name=name, enabled=True)
        stages = [{"apiId": api_id, "stage": "Prod"}] if name == "used" else []
        plan = client.create_usage_plan(name=name, apiStages=stages)
        client.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
        client.update_api_key(apiKey=key["id"], patchOperations=[replace("/description", "a key")])
        client.update_usage_plan(
            usagePlanId=plan["id"],
            patchOperations=[replace("/throttle/rateLimit", "50"), replace("/throttle/burstLimit", "100")],
        )
        value = client.get_api_key(apiKey=key["id"], includeValue=True)["value"]
        client.get_api_keys(includeValues=True)
        client.get_usage_plan(usagePlanId=plan["id"])
        client.get_usage_plans()
        client.get_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"])
        client.get_usage_plan_keys(usagePlanId=plan["id"])
        if name == "thrown-away":
            client.delete_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"])
            client.delete_usage_plan(usagePlanId=plan["id"])
            client.delete_api_key(apiKey=key["id"])
    return value


def replace(path: str, value: str) -> dict[str, str]:
    return {"op": "replace", "path": path, "value": value}


def deployments(tour: Tour) -> None:
    client = tour.client("codedeploy")
    application = {"applicationName": "says"}
    group = {"deploymentGroupName": "live", **application}
    client.create_application(computePlatform="Lambda", **application)
    client.create_deployment_config(
        deploymentConfigName="Quick",
        computePlatform="Lambda",
        trafficRoutingConfig={
            "type": "TimeBasedCanary",
            "timeBasedCanary": {"canaryPercentage": 50, "canaryInterval": 1},
        },
    )
    client.create_deployment_group(
        serviceRoleArn=ROLE,
        deploymentConfigName="Quick",
        deploymentStyle={"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        tags=[{"Key": "owner", "Value": "me"}],
        **group,
    )
    tour.client("cloudwatch").put_metric_alarm(
        AlarmName="broken",
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    client.update_deployment_group(
        currentDeploymentGroupName="live",
        autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_FAILURE"]},
        alarmConfiguration={"enabled": True, "alarms": [{"name": "broken"}]},
        **application,
    )
    deployment_id = deploy(tour, client, group, "1", "2")
    client.get_waiter("deployment_successful").wait(deploymentId=deployment_id, WaiterConfig=WAITER)
    tour.seen["deployed"] = tour.client("lambda").get_alias(FunctionName="says", Name="live")["FunctionVersion"]
    stopped = deploy(tour, client, group, "2", "1")
    client.stop_deployment(deploymentId=stopped, autoRollbackEnabled=True)
    until(
        lambda: client.get_deployment(deploymentId=stopped)["deploymentInfo"],
        lambda info: info["status"] == "Stopped" and "rollbackInfo" in info,
    )
    looked_up(tour, client, group, deployment_id)
    arn = "arn:aws:codedeploy:us-east-1:123456789012:application:says"
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "more", "Value": "of them"}])
    client.untag_resource(ResourceArn=arn, TagKeys=["nothing"])
    tour.seen["application's tags"] = client.list_tags_for_resource(ResourceArn=arn)["Tags"]
    arn = "arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:says/live"
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "more", "Value": "of them"}])
    client.untag_resource(ResourceArn=arn, TagKeys=["owner"])
    tour.seen["group's tags"] = client.list_tags_for_resource(ResourceArn=arn)["Tags"]
    tour.seen["tags of a bucket"] = refused(lambda: client.list_tags_for_resource(ResourceArn="arn:aws:s3:::b"))["class"]
    tour.seen["no such application"] = refused(lambda: client.get_application(applicationName="none"))["class"]
    client.update_application(applicationName="says", newApplicationName="said")
    client.delete_deployment_group(applicationName="said", deploymentGroupName="live")
    tour.seen["applications renamed"] = client.list_applications()["applications"]
    client.delete_application(applicationName="said")
    tour.seen["applications left"] = client.list_applications()["applications"]
    client.delete_deployment_config(deploymentConfigName="Quick")


def deploy(tour: Tour, client, group: dict[str, str], current: str, target: str) -> str:
    """Starts a deployment, and answers for its hook: by hand, as the hook only prints what it was given."""
    properties = {"Name": "says", "Alias": "live", "CurrentVersion": current, "TargetVersion": target}
    spec = {
        "version": 0.0,
        "Resources": [{"says": {"Type": "AWS::Lambda::Function", "Properties": properties}}],
        "Hooks": [{"BeforeAllowTraffic": "CodeDeployHook_prints"}],
    }
    content = {"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(spec)}}
    deployment_id = client.create_deployment(revision=content, **group)["deploymentId"]
    printed = until(
        lambda: tour.client("logs").filter_log_events(logGroupName="/aws/lambda/CodeDeployHook_prints")["events"],
        lambda events: any(deployment_id in event["message"] for event in events),
    )
    message = next(event["message"] for event in printed if deployment_id in event["message"])
    event = json.loads(message[message.index("{") :])
    client.put_lifecycle_event_hook_execution_status(
        deploymentId=deployment_id,
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status="Succeeded",
    )
    return deployment_id


def looked_up(tour: Tour, client, group: dict[str, str], deployment_id: str) -> None:
    name, group_name = group["applicationName"], group["deploymentGroupName"]
    found = client.get_application(applicationName=name)["application"]
    tour.seen["application"] = [found["applicationName"], found["computePlatform"]]
    batch = client.batch_get_applications(applicationNames=[name])["applicationsInfo"]
    tour.seen["application in a batch"] = batch == [found]
    client.list_deployment_groups(applicationName=name)
    client.get_deployment_group(**group)
    client.batch_get_deployment_groups(applicationName=name, deploymentGroupNames=[group_name])
    client.list_deployment_configs()
    client.get_deployment_config(deploymentConfigName="Quick")
    client.get_deployment_config(deploymentConfigName="CodeDeployDefault.LambdaLinear10PercentEvery1Minute")
    client.list_deployments(**group)
    client.batch_get_deployments(deploymentIds=[deployment_id])
    targets = client.list_deployment_targets(deploymentId=deployment_id)["targetIds"]
    client.get_deployment_target(deploymentId=deployment_id, targetId=targets[0])
    client.batch_get_deployment_targets(deploymentId=deployment_id, targetIds=targets)


def removed(tour: Tour) -> None:
    client = tour.client("lambda")
    client.delete_alias(FunctionName="says", Name="live")
    client.delete_function(FunctionName="says", Qualifier="1")
    client.delete_function(FunctionName="says")
