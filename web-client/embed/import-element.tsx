/** `<tidings-import>`: the import of contacts as an element of any page, in a shadow tree of its own. */
import './styles.ts';
import '../shell/styles/theme.css';
import '../shell/styles/base.css';
import '../shell/styles/pieces.css';
import './embed.css';
import { signal } from '@preact/signals';
import { render } from 'preact';
import type { ImportView } from '../following/view/import-view.ts';
import { ImportPage } from '../import/import-page.tsx';
import { type ImportPlace, PlaceContext } from '../import/place/place.ts';
import { keepDoubleClicks } from '../shell/browser/double-clicks.ts';
import { announcement } from '../shell/frame/announcer.ts';
import { forgetShown } from '../shell/frame/heading.tsx';
import { speak } from '../shell/frame/speak.ts';
import { language, preferredLanguage } from '../words/format/language.ts';
import { startWords } from '../words/words.ts';
import { type ElementEvent, eventsOf, problemEvent } from './element-events.ts';
import { joinSession, type Session, type SessionOptions } from './session.ts';
import { adoptStyles } from './styles.ts';
import { subjectOf } from './subject.ts';

/** Attributes by which the element is another one. */
const identity: readonly string[] = ['server', 'user'];
/** Milliseconds for which the element shows nothing while the page does not say who is signed in; then nobody is. */
const SUBJECT_WITHIN_MS = 10_000;
/** The elements that are drawn, in the order in which they came: the first has the live region of all. */
const drawn = signal<readonly TidingsImport[]>([]);

export class TidingsImport extends HTMLElement {
  static readonly observedAttributes = [...identity, 'language', 'contacts-href'];
  readonly #root = this.attachShadow({ mode: 'open' });
  #userToken: (() => string | Promise<string>) | null = null;
  #session: Session | null = null;
  /** Counts starts and stops: a start that waits for who is signed in may be overtaken. */
  #turns = 0;
  /** The import to show as soon as there is a session; undefined: the one that was shown last. */
  #wanted: string | null | undefined;
  #stopStyles: () => void = () => undefined;

  constructor() {
    super();
    keepDoubleClicks(this.#root);
    // The page may have set it before the script came.
    if (!Object.hasOwn(this, 'userToken')) return;
    const { userToken } = this;
    Reflect.deleteProperty(this, 'userToken');
    this.userToken = userToken;
  }

  /** Where people sign in: gives the user token, fresh for each call. null: nobody signs in. */
  get userToken(): (() => string | Promise<string>) | null {
    return this.#userToken;
  }

  set userToken(next) {
    const hadLogin = this.#userToken !== null;
    this.#userToken = next;
    if (hadLogin !== (next !== null)) this.#restart();
  }

  /** The import that is shown; null: the start of one. */
  get importId(): string | null {
    return this.#session?.shown.peek() ?? null;
  }

  set importId(importId) {
    if (this.#session === null) this.#wanted = importId;
    else this.#session.show(importId);
  }

  connectedCallback(): void {
    if (hasRunScripts()) this.#start();
    else
      document.addEventListener('DOMContentLoaded', () => this.isConnected && this.#start(), { once: true });
  }

  disconnectedCallback(): void {
    // An element that is moved within its page is connected again at once.
    queueMicrotask(() => {
      if (!this.isConnected) this.#stop();
    });
  }

  attributeChangedCallback(name: string): void {
    if (identity.includes(name)) this.#restart();
    else if (this.#session !== null) void this.#speakAndDraw(this.#session);
  }

  #start(): void {
    if (this.#session !== null) return;
    this.#turns += 1;
    const turn = this.#turns;
    const server = this.#server();
    const user = this.getAttribute('user');
    const hasLogin = this.#userToken !== null;
    if (user !== null || !hasLogin) this.#join({ server, user, hasLogin, isOfTab: false });
    else
      void this.#fetchSubject().then((subject) => {
        if (turn === this.#turns) this.#join({ server, user: subject, hasLogin, isOfTab: true });
      });
  }

  /** Who signs in next in this tab must not find the imports of who was here before; who is not signed in finds none. */
  async #fetchSubject(): Promise<string> {
    const late = new Promise<string>((resolve) => setTimeout(resolve, SUBJECT_WITHIN_MS, ''));
    const token = await Promise.race([this.#fetchUserToken(), late]).catch(() => '');
    return subjectOf(token) ?? crypto.randomUUID();
  }

  async #fetchUserToken(): Promise<string> {
    if (this.#userToken === null) throw new Error('userToken');
    return this.#userToken();
  }

  #join(options: SessionOptions): void {
    const session = joinSession(options, {
      fetchUserToken: () => this.#fetchUserToken(),
      onChange: (before, after) => this.#tell(session, before, after),
    });
    this.#session = session;
    if (this.#wanted !== undefined) session.show(this.#wanted);
    this.#wanted = undefined;
    this.#stopStyles = adoptStyles(this.#root);
    drawn.value = [...drawn.peek(), this];
    void this.#speakAndDraw(session);
  }

  #stop(): void {
    this.#turns += 1;
    if (this.#session === null) return;
    drawn.value = drawn.peek().filter((other) => other !== this);
    render(null, this.#root);
    forgetShown(this.#root);
    this.#stopStyles();
    this.#session.leave();
    this.#session = null;
  }

  #restart(): void {
    if (this.#turns === 0) return;
    this.#stop();
    if (this.isConnected) this.#start();
  }

  /** Default: where the script came from. */
  #server(): string {
    return new URL(this.getAttribute('server') ?? import.meta.url, this.ownerDocument.baseURI).origin;
  }

  async #speakAndDraw(session: Session): Promise<void> {
    const own = this.getAttribute('language') ?? this.closest('[lang]')?.getAttribute('lang');
    // Where words cannot be fetched, those that are there stay.
    await speak(preferredLanguage(own ? [own] : navigator.languages)).catch(() => undefined);
    if (session === this.#session)
      render(<Drawn place={this.#placeOf(session)} element={this} />, this.#root);
  }

  #placeOf(session: Session): ImportPlace {
    const { followed, access, limits, checking, shown, show } = session;
    const tellProblem: ImportPlace['tellProblem'] = (problem, fileName) =>
      this.#dispatch(problemEvent(problem, null, fileName));
    const contacts = this.getAttribute('contacts-href');
    return {
      ...{ followed, access, limits, checking, shown, show, tellProblem },
      addressOf: () => null,
      contactsAddress: (importId) => contacts?.replace('{importId}', encodeURIComponent(importId)) ?? null,
      sampleAddress: `${this.#server()}/sample-contacts.csv`,
      dropTarget: this,
      // The page around speaks for itself.
      tellsEnds: false,
      showTitle: () => undefined,
      focusTop: () => this.#root.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true }),
    };
  }

  #tell({ told }: Session, before: ImportView, after: ImportView): void {
    const toldVersion = told.get(after.importId ?? '') ?? null;
    for (const event of eventsOf(before, after, toldVersion)) {
      if (event.name === 'tidings-ended') told.set(event.detail.importId, event.detail.state.version);
      this.#dispatch(event);
    }
  }

  #dispatch({ name, detail }: ElementEvent): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }
}

/** Whether the page's own scripts have run, one of which may say how people sign in. */
function hasRunScripts(): boolean {
  const [navigation] = performance.getEntriesByType('navigation');
  return (
    navigation === undefined || (navigation as PerformanceNavigationTiming).domContentLoadedEventStart > 0
  );
}

interface DrawnProps {
  readonly place: ImportPlace;
  readonly element: TidingsImport;
}

function Drawn({ place, element }: DrawnProps) {
  return (
    <PlaceContext.Provider value={place}>
      <section class="tidings" lang={language.value} aria-label={startWords.title}>
        <ImportPage importId={place.shown.value} />
        {drawn.value[0] === element && (
          <p class="unseen" aria-live="polite" data-testid="announcer">
            {announcement}
          </p>
        )}
      </section>
    </PlaceContext.Provider>
  );
}
