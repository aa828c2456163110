/** What is used of saxen, which comes without types. */
declare module 'saxen' {
  type Attributes = () => Record<string, string | undefined>;
  interface Handlers {
    openTag: (name: string, attributes: Attributes) => void;
    closeTag: (name: string) => void;
    text: (text: string) => void;
    cdata: (text: string) => void;
    error: (error: Error) => void;
  }
  export class Parser {
    on<Name extends keyof Handlers>(name: Name, handler: Handlers[Name]): this;
    write(text: string): this;
    end(): Error | undefined;
  }
}
