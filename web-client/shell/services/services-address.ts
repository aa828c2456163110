/** Where the services answer. A page leaves both out: they answer at its own origin. */
export interface ServicesAddress {
  /** Origin of the hub. */
  readonly hubUrl?: string;
  /** Origin of the HTTP API. */
  readonly apiUrl?: string;
}
