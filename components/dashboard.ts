import * as pulumi from "@pulumi/pulumi";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import { callerRegion } from "./caller";
import type { DashboardArgs, DashboardNodes } from "./dashboard/arguments";
import { dashboardBody } from "./dashboard/body";
import { dashboardProblems } from "./dashboard/checks";
import { Arns } from "./deployment-pipeline/names";
import { refuse } from "./support/problems";
import { transform } from "./support/transform";

/**
 * A CloudWatch dashboard of a model: its functions, the endpoints of its releases and their instances, the traffic of each release, the
 * alarms, drift, retrainings, a canary and the model's quality, as far as there are any. What depends on the release is looked for by
 * CloudWatch whenever the dashboard is drawn, so a new release is there from its first request, beside the old one.
 *
 * The first three dashboards of an account cost nothing; each further one costs three dollars a month.
 *
 * @example
 * new Dashboard("dashboard", {
 *   dashboardName: "churn",
 *   functionName: model.nodes.api.nodes.predict.function.name, // of a `SafeModel`
 *   variantName: "all", // its `variantName`
 *   rolloutAlarmArns: model.nodes.api.nodes.alarms.map((alarm) => alarm.arn),
 * });
 */
export class Dashboard extends pulumi.ComponentResource {
  /** Name of the dashboard. */
  readonly dashboardName: pulumi.Output<string>;
  /** Where to look at it in AWS's console. */
  readonly url: pulumi.Output<string>;
  /** The resource that it is made of. */
  readonly nodes: DashboardNodes;

  constructor(name: string, args: DashboardArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:Dashboard", name, {}, opts);
    refuse(dashboardProblems(args), this);
    const { dashboardName } = args;
    const dashboard = new cloudwatch.Dashboard(
      ...transform<cloudwatch.DashboardArgs>(
        args.transform?.dashboard,
        name,
        { dashboardName, dashboardBody: pulumi.output(dashboardBody(args, callerRegion(this))) },
        { parent: this },
      ),
    );
    const page = new Arns(this).consolePage("cloudwatch/home");
    this.nodes = { dashboard };
    this.dashboardName = dashboard.dashboardName;
    this.url = pulumi.interpolate`${page}#dashboards:name=${dashboard.dashboardName}`;
    this.registerOutputs({ dashboardName: this.dashboardName, url: this.url });
  }
}
