/** The parameters that a dial has at every platform. */
export interface DialParties {
  /** The calling party (主叫). Whose phone rings first differs: `providers[P].rungFirst`. */
  caller: string;
  /** The called party (被叫). */
  callee: string;
  /**
   * Your own id for this dial, accepted at every platform. Where `providers[P].echoesReference`, the platform returns it with the record, and one
   * is made where you give none. Elsewhere it is in the result of the dial; dingxin's travels in the push address's query. The notes of each
   * platform say which characters it may have and how many.
   */
  reference?: string | undefined;
  /**
   * Fields that no document lists, by the platform's own name, for example mixcom's `maxduration`. They are sent with the others, and
   * signed where the platform signs all parameters. A field that the platform's document lists is refused.
   */
  extra?: Readonly<Record<string, string>> | undefined;
}
