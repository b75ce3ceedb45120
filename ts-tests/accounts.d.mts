import type { Provider } from "ringback";
import type { CredentialsOf } from "ringback/testing";

export declare const PROVIDERS: readonly Provider[];
export declare function hasPushUrl(provider: Provider): boolean;
export declare function credentialsOf<P extends Provider>(provider: P, secret: string): CredentialsOf<P>;
export declare function requiredDialFields(provider: Provider): Record<string, string>;
