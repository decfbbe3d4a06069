import { modelPrefix } from "../../lib/release";
import type { Repository } from "../deployment-pipeline/sources";

/** What the scripts of an instance are made of. */
export interface ScriptValues {
  readonly model: string;
  readonly pipelineName: string;
  readonly bucket: string;
  readonly repository: Repository;
  readonly region: string;
  readonly accountId: string;
  /** Suffix of AWS's addresses in the partition, such as `amazonaws.com`. */
  readonly domain: string;
}

/** Most characters of a script in Base64. https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_NotebookInstanceLifecycleHook.html */
const LONGEST_SCRIPT = 16_384;

/**
 * Brings the repository, once, when the instance is created. SageMaker runs it as root, also where users get no root access. Git asks the
 * instance's role for credentials, for CodeCommit and for a connection alike.
 */
export function creationScript(values: ScriptValues): string {
  const { branch } = values.repository;
  return `#!/bin/bash
set -eu
sudo -u ec2-user -i <<'USER'
set -eu
git config --global credential.helper '!aws --region ${values.region} codecommit credential-helper $@'
git config --global credential.UseHttpPath true
cd /home/ec2-user/SageMaker
git clone --branch ${quoted(branch)} ${quoted(cloneUrl(values))} ${folderOf(values)}
USER
`;
}

/**
 * Makes a Jupyter kernel whose environment names pipeline and bucket, at each start, since only the volume's folder is kept. Its packages take
 * minutes, and a script may take five, so they come in the background.
 */
export function startScript(values: ScriptValues): string {
  const environment = { PIPELINE_NAME: values.pipelineName, BUCKET: values.bucket, MODEL_NAME: values.model };
  const variables = Object.entries(environment).map(([name, value]) => `--env ${name} ${quoted(value)}`);
  return `#!/bin/bash
set -eu
cat > /tmp/safe-deploy-kernel.sh <<'KERNEL'
set -eu
cd /home/ec2-user/SageMaker
if [ ! -x .safe-deploy/bin/python ]; then
  /home/ec2-user/anaconda3/envs/python3/bin/python -m venv .safe-deploy
fi
.safe-deploy/bin/pip install --quiet --requirement ${folderOf(values)}/notebook/requirements.txt
.safe-deploy/bin/python -m ipykernel install --user --name safe-deploy --display-name ${quoted(KERNEL)} ${variables.join(" ")}
KERNEL
sudo -u ec2-user -i nohup bash /tmp/safe-deploy-kernel.sh > /home/ec2-user/SageMaker/safe-deploy-kernel.log 2>&1 &
`;
}

/** A script as SageMaker takes it. @throws if it is too long */
export function encoded(script: string): string {
  const text = Buffer.from(script).toString("base64");
  if (text.length > LONGEST_SCRIPT) {
    throw new Error(
      `a script of the notebook instance has ${text.length} characters, and SageMaker takes ${LONGEST_SCRIPT}`,
    );
  }
  return text;
}

/** What the kernel is called in Jupyter. */
const KERNEL = "Safe deploy";

const folderOf = ({ model }: ScriptValues) => modelPrefix(model);

/** https://docs.aws.amazon.com/codecommit/latest/userguide/regions.html, and CodeConnections' address for Git. */
function cloneUrl({ repository, region, accountId, domain }: ScriptValues): string {
  if (repository.type === "codecommit") {
    return `https://git-codecommit.${region}.${domain}/v1/repos/${repository.repository}`;
  }
  // The connection says which of its two names the service has, and in which region it is.
  const [, , service = "", at = "", , resource = ""] = repository.connectionArn.split(":");
  const id = resource.split("/").at(-1) ?? "";
  return `https://${service}.${at}.${domain}/git-http/${accountId}/${at}/${id}/${repository.repository}.git`;
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
