// The package's entry `./providers`: what ./index.ts exports, as Pulumi's host sees it. Programs have no use for it.
import type { dynamic } from "@pulumi/pulumi";

/** A dynamic provider as the host calls it: with any values that the program gave or the state holds. */
export type Provider = Required<Omit<dynamic.ResourceProvider, "configure">>;

export declare const apiGatewayAccount: Provider;
export declare const endpointCheck: Provider;
export declare const failedEndpointRemoval: Provider;
export declare const lambdaRollout: Provider;
export declare const modelArchiveCopy: Provider;
export declare const monitoringScheduleStop: Provider;
export declare const processingJobRun: Provider;
export declare const trainingJobRun: Provider;
