// The test variant exports one thing more, which its published declarations leave out.
declare module "ringback-trap" {
  export * from "ringback";
  /** Traps: throws `internal`. */
  export function trapForTests(): void;
}
