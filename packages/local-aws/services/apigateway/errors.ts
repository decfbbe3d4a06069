import { AwsError, notPartOfLocal } from "../../core/aws-error";

/** Errors of API Gateway's control plane. https://docs.aws.amazon.com/apigateway/latest/api/CommonErrors.html */
export const notFound = (message: string) => new AwsError("NotFoundException", message, 404);
export const conflict = (message: string) => new AwsError("ConflictException", message, 409);
export const badRequest = (message: string) => new AwsError("BadRequestException", message, 400);

/** Something that API Gateway has and the local AWS does not play. */
export const notPlayed = (what: string) => notPartOfLocal(`API Gateway ${what}`);

/** Refuses arguments that are given and not played here, by their names. */
export function refuse(given: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && value !== "" && value !== false) {
      throw notPlayed(`${name} ${JSON.stringify(value)}`);
    }
  }
}
