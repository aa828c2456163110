/**
 * Expects that imports lead in one direction: from file to file, and within a service or package from room to room, types too. Whoever
 * reads a room then need not know the rooms that use it.
 */
import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { packageOf, readSources, type Source } from './sources.ts';

/** What each node leads to. */
type Graph = ReadonlyMap<string, ReadonlySet<string>>;
type Imports = Pick<Source, 'path' | 'imports'>;

const sources = readSources();

test('files form no circle', () => {
  const graph = new Map(sources.map(({ path, imports }) => [path, new Set(targetsOf(imports))]));
  expect(findCircles(graph)).toEqual([]);
});

test('rooms form no circle', () => {
  // A test of one room may need any other.
  const files = sources.filter(({ path }) => !/\.test\.tsx?$/.test(path));
  const graphs = graphsOfFolders(files);
  expect(graphs.size).toBeGreaterThan(30);
  expect(graphs.get('hub')?.get('hub/sockets')).toContain('hub/history');
  const circles = [...graphs.values()].flatMap(findCircles);
  expect(circles.map((circle) => importsWithin(circle, files))).toEqual([]);
});

test('two rooms form a circle though no two files do, and also inside another room', () => {
  const file = (path: string, target: string) => ({
    path,
    imports: [{ specifier: target, typeOnly: true, target }],
  });
  const files = [
    file('hub/http/one/a.ts', 'hub/http/two/b.ts'),
    file('hub/http/two/c.ts', 'hub/http/one/d.ts'),
    file('hub/http/one/a.ts', 'hub/limits.ts'),
    file('hub/app.ts', 'hub/http/one/a.ts'),
  ];
  const circles = [...graphsOfFolders(files).values()].flatMap(findCircles);
  expect(circles).toEqual([['hub/http/one', 'hub/http/two']]);
});

/** Of each folder inside a package, by its path: which of its files and rooms import which others of them. */
function graphsOfFolders(files: readonly Imports[]): Map<string, Map<string, Set<string>>> {
  const graphs = new Map<string, Map<string, Set<string>>>();
  for (const { path, imports } of files)
    for (const target of targetsOf(imports)) {
      if (packageOf(path) === '' || packageOf(target) !== packageOf(path) || target === path) continue;
      const folder = sharedFolder(path, target);
      const graph = graphs.get(folder) ?? new Map<string, Set<string>>();
      const from = childOf(folder, path);
      graph.set(from, (graph.get(from) ?? new Set()).add(childOf(folder, target)));
      graphs.set(folder, graph);
    }
  return graphs;
}

function targetsOf(imports: Source['imports']): string[] {
  return imports.flatMap(({ target }) => target ?? []);
}

function sharedFolder(one: string, other: string): string {
  const folder = posix.dirname(one);
  return other.startsWith(`${folder}/`) ? folder : sharedFolder(folder, other);
}

/** The file or room of the folder that the path names, or leads into. */
function childOf(folder: string, path: string): string {
  const [name = ''] = path.slice(folder.length + 1).split('/');
  return `${folder}/${name}`;
}

/** What to mend: every import by which one member of the circle uses another. */
function importsWithin(circle: readonly string[], files: readonly Imports[]): string[] {
  const memberOf = (path: string) =>
    circle.find((member) => path === member || path.startsWith(`${member}/`));
  return files.flatMap(({ path, imports }) =>
    targetsOf(imports)
      .filter((target) => memberOf(target) !== undefined && memberOf(path) !== undefined)
      .filter((target) => memberOf(target) !== memberOf(path))
      .map((target) => `${path} imports ${target}`),
  );
}

/** Strongly connected nodes (Tarjan, “Depth-first search and linear graph algorithms”, 1972), each circle sorted. */
function findCircles(graph: Graph): string[][] {
  const indices = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (node: string) => {
    const index = indices.size;
    indices.set(node, index);
    lowest.set(node, index);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!graph.has(next)) continue;
      if (!indices.has(next)) visit(next);
      if (stack.includes(next))
        lowest.set(node, Math.min(lowest.get(node) ?? index, lowest.get(next) ?? index));
    }
    if (lowest.get(node) !== index) return;
    const circle = stack.splice(stack.indexOf(node));
    if (circle.length > 1) circles.push(circle.sort());
  };
  for (const node of graph.keys()) if (!indices.has(node)) visit(node);
  return circles;
}
