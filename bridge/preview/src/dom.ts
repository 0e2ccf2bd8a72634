/** The element of the page's markup with this id. */
export function find<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}
