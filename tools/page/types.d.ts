// What the scripts of the page share with Python (`jotgraph/render/html/data.py` and `blocks.py` write
// the data) and with one another. Types only: nothing of this is in the page.

import type * as ease from "d3-ease";
import type * as selection from "d3-selection";
import type * as zoom from "d3-zoom";
import type {} from "d3-transition";

declare global {
  const d3: typeof selection & typeof zoom & typeof ease;

  /** For tests, and for whoever is curious: what is shown, read only. */
  var jotgraph: object;

  // The data: short names, for there are many of each.

  /** A rank (0 is wrong) and a word. */
  /** own: the word without its count or its reason, where it has one */
  type StateWord = [rank: number, word: string, own?: string];
  /** what is drawn of one, or of a mark */
  type Pill = [look: { ground: string, text: string }, word: string, own: string];

  interface ResourceNode {
    /** id */
    i: string;
    /** kind, as an index into `data.kinds` */
    k: number;
    /** title of its card */
    t: string;
    /** second line of its card */
    l: string;
    /** name for search and sorting */
    n: string;
    /** account */
    a: string;
    /** region */
    r: string;
    /** states, the worst first */
    s?: StateWord[];
    /** referred to and not read, or not found (2) */
    m?: 1 | 2;
    /** address of its page elsewhere */
    h?: string;
    /** mark of the overlay */
    o?: string;
    /** verdict */
    v?: "in-use" | "orphan" | "unknown";
  }

  /** From dependent to dependency: two nodes, the best grade, the relations. */
  type ResourceLink = [source: number, target: number, grade: number, relations: string[]];

  interface KindLook {
    id: string;
    word: string;
    plural: string;
    /** outlines as SVG path data, the rim first */
    card: string[];
    sample: string[];
    /** where words begin, from the left of a card */
    inset: number;
  }

  /** A row of the list: what runs in one function or version. */
  interface DeploymentRow {
    /** node of the function or version, or of an image that nothing runs */
    x: number;
    /** function, empty for an image that nothing runs */
    f: string;
    /** qualifiers, the first is looked at */
    q: string[];
    /** nodes of every qualifier */
    e: number[];
    /** aliases that route here, with their share of the calls */
    w: [alias: string, share: number][];
    /** commits: short SHA and node (-1: not drawn) */
    c: [sha: string, node: number][];
    /** how many commits it may be */
    n: number;
    /** subject of the first commit */
    u: string;
    /** lag in words, its rank, and commits behind */
    st: string;
    sr: number;
    b: number | null;
    /** 1 where it counts as a deployment, as in `ls` without --all-versions */
    d: number;
    /** node of the image, tag it was deployed from, local images, role */
    im: number;
    tag: string;
    lo: number[];
    ro: number;
    s: StateWord[];
  }

  type BakedCard = [node: number, x: number, y: number, ghost: number];
  type BakedStack = [x: number, kind: number, title: string, line: string, members: number[]];
  type BakedLine = [
    from: number, to: number, grade: number, wrong: number, label: string, link: number,
    points: number[],
  ];
  type BakedRowLine = [from: number, to: number, grade: number, wrong: number, count: number];
  type BakedBox = [kind: string, title: string, x: number, y: number, wide: number, high: number];

  interface BakedBlock {
    home: [account: string, region: string];
    strip: number;
    open: { high: number; cards: BakedCard[]; lines: BakedLine[]; boxes: BakedBox[] };
    /** the same as one row of stacks; absent where nothing can be folded */
    shut?: { high: number; stacks: BakedStack[]; lines: BakedRowLine[] };
  }

  interface PageData {
    title: string;
    caption: string[];
    /** names of accounts by their ids, where they are known */
    accounts: Record<string, string>;
    card: [wide: number, high: number];
    kinds: KindLook[];
    relations: Record<string, string>;
    /** dash, width and words, from hint to proof */
    grades: [dash: string, width: number, word: string][];
    overlay: string;
    marks: Record<string, string>;
    /** services that run images and were not read, or not everywhere */
    unread: string[];
    /** what was read of each service, a line for places that are alike */
    coverage: string[];
    gaps: GapRecord[];
    nodes: ResourceNode[];
    links: ResourceLink[];
    layout: {
      foldable: boolean;
      folded?: boolean;
      headings: [x: number, word: string][];
      span: number;
      gutter?: number;
      strips: number;
      panels?: Record<string, [x: number, wide: number]>;
      blocks: BakedBlock[];
    };
    jots: DeploymentRow[];
    /** What runs: how many, of what. */
    counts: [count: number, noun: string][];
  }

  interface GapRecord {
    service: string;
    action: string;
    account?: string;
    region?: string;
    resource?: string;
    reason: string;
    /** the same in words */
    why: string;
    /** whether the scan was to read it */
    asked: boolean;
    detail?: string;
    /** of what was left out: the option that reads it */
    option?: string;
  }

  interface VerdictRecord {
    verdict: "in-use" | "orphan" | "unknown";
    because: string;
    witness: number[];
    looked: string[];
    doubts: string[];
    bytes: number | null;
    atMost: boolean;
    age: number | null;
  }

  type Claim = [
    rule: string, relation: string, grade: number, statement: string, readFrom: string,
    count: number, candidates: string[],
  ];

  /** rank, word, sentence and next command, which may be empty */
  type FindingLine = [rank: number, word: string, statement: string, next: string];

  type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

  interface DetailsData {
    records: Record<string, Json>[];
    verdicts: (VerdictRecord | null)[];
    /** by link */
    evidence: Claim[][];
    /** by node: what is wrong with it, worst first, then what was not read */
    findings: FindingLine[][];
  }

  // What the scripts make of it.

  interface Rect {
    left: number;
    top: number;
    right: number;
    bottom: number;
  }

  /** A box, or a panel round an account or region. */
  interface Frame {
    kind: string;
    title: string;
    x: number;
    y: number;
    wide: number;
    high: number;
  }

  /** One resource, or a stack of several (`node` is then -1). */
  interface Card {
    node: number;
    x: number;
    y: number;
    block: Block;
    ghost?: number;
    kind: number;
    title?: string;
    line?: string;
    members?: number[];
    pills?: StateWord[];
  }

  interface Line {
    path: Path2D;
    from: number;
    to: number;
    grade: number;
    wrong: number;
    label: string;
    /** -1: of a folded row */
    link: number;
    points: number[];
    around: Rect;
  }

  /** A part of the graph that no line joins to another. */
  interface Block {
    home: [account: string, region: string];
    strip: number;
    kept: number;
    source: BakedBlock;
    open: boolean;
    hidden: boolean;
    x: number;
    y: number;
    high: number;
    cards: Card[];
    lines: Line[];
    boxes: Frame[];
    /** which of its two looks these are; undefined before the first */
    shaped?: boolean;
    far: FarBlock | null;
  }

  /** A block as it is drawn from far away. */
  interface FarBlock {
    lines: Path2D;
    wrong: Path2D;
    /** by kind; -1 for what is missing */
    ranks: Map<number, Path2D>;
    marked: Card[];
  }

  interface Place {
    card: Card;
    block: Block;
    x: number;
    y: number;
  }

  interface Room {
    top: number;
    wide: number;
    high: number;
  }

  interface Hit {
    card?: Card;
    line?: Line;
    block?: Block;
    box?: Frame;
    repository?: number;
    fold?: Block;
  }

  interface Lineage {
    lit: Set<number>;
    /** links */
    used: Set<number>;
    before: Set<number>;
    after: Set<number>;
  }

  type Facet = "kind" | "state" | "account" | "region" | "mark";

  interface PageState {
    /** a node; -1: nothing */
    selected: number;
    /** a link; -1: none */
    line: number;
    hovered: Card | null;
    hoveredFold: Block | null;
    /** a stack that the keys are at */
    cursor: Card | null;
    /** nodes, while something is selected */
    lit: Set<number> | null;
    litLinks: Set<number> | null;
    /** when it was lit */
    since: number;
    filters: Record<Facet, Set<string>>;
    /** what passes the filters; null when there are none */
    passing: Uint8Array | null;
  }

  /** Colours of the theme. */
  interface Ink {
    ground: string; account: string; region: string; box: string; rim: string;
    card: string; ink: string; quiet: string; line: string; wrong: string;
    focus: string; pill: string; shadow: string;
    edge: string;
    cards: Record<number, { fill: string, edge: string }>;
    pills: { ground: string, text: string }[];
    mark: Record<string, string>;
  }

  interface Scene {
    strips: number;
    panels: Frame[];
    wide: number;
    high: number;
    transform: zoom.ZoomTransform;
    cards: number;
    painted: number;
    /** all at once, which asks for other strips */
    opened: boolean;
    /** those strips, once they are known */
    kept: number;
  }

  type PanelKind = "account" | "region";

  /** Panels of a strip that have begun and not ended. */
  interface Run {
    home: [account: string, region: string];
    account: Frame | null;
    region: Frame | null;
  }

  type Attributes = Record<
    string,
    string | number | boolean | null | undefined | Record<string, (event: any) => void>
  >;

  type Child = Node | string | null | undefined;

  /** The elements of `page.html` by id. */
  interface PageElements {
    "canvas": HTMLCanvasElement;
    "map": HTMLCanvasElement;
    "query": HTMLInputElement;
    "jots-filter": HTMLInputElement;
    "undeployed": HTMLInputElement;
    "everywhere": HTMLInputElement;
    "keys": HTMLDialogElement;
  }
}
