import * as codedeploy from "@pulumi/aws/codedeploy";
import type { ResourceValidationPolicy } from "@pulumi/policy";

/** Without the first, a hook that fails stops a deployment half-way; without the second, alarms do. */
const EVENTS = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"];

/** A rollout that no alarm watches goes on, however bad the release is. */
export const rollbackAlarms: ResourceValidationPolicy = {
  name: "rollback-alarms",
  description: "A CodeDeploy deployment group watches alarms, and goes back by itself.",
  validateResource: (args, report) => {
    const group = args.asType(codedeploy.DeploymentGroup);
    if (group === undefined) {
      return;
    }
    const { enabled = false, alarms = [], ignorePollAlarmFailure = false } = group.alarmConfiguration ?? {};
    if (!enabled || alarms.length === 0) {
      report("alarmConfiguration names no alarm that is watched: name one at least, and enable it");
    }
    if (ignorePollAlarmFailure) {
      report("ignorePollAlarmFailure must be false: a deployment whose alarms cannot be read must stop");
    }
    const { enabled: goesBack = false, events = [] } = group.autoRollbackConfiguration ?? {};
    for (const event of EVENTS.filter((each) => !goesBack || !events.includes(each))) {
      report(`autoRollbackConfiguration does not go back on ${event}: add it to events, and enable it`);
    }
  },
};
