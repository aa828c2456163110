/** The routes that an Express router has, those of the routers in it included. */
import type { Router } from 'express';

interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle: { readonly stack?: readonly Layer[] };
}

/** As `GET /imports/{importId}`, in the form of addresses that OpenAPI has, sorted. */
export function registeredRoutes(router: Router): string[] {
  return routesOf((router as unknown as { stack: readonly Layer[] }).stack).toSorted();
}

function routesOf(layers: readonly Layer[]): string[] {
  return layers.flatMap(({ route, handle }) => {
    if (route === undefined) return routesOf(handle.stack ?? []);
    const path = route.path.replaceAll(/[:*](\w+)/g, '{$1}');
    return Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${path}`);
  });
}
