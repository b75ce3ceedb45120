// The test variant has one entry more, without published declarations: by `require` the whole package, too.
declare module "ringback-trap" {
  export * from "ringback";
}

declare module "ringback-trap/trap" {
  /** Causes a trap, and so throws `internal`. */
  export function trapForTests(): void;
}
