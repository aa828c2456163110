/** An item of `GET /imports/{id}/warnings`: a value that a row was imported without. */
export interface WarningItem {
  /** Among the rows of the file, 1 the first below the header. */
  row: number;
  line: number;
  /** A `RowCode`. */
  code: string;
  /** The name of the column; '' where it is not known. */
  column: string;
  /** As it stands in the file. */
  cell: string;
}
