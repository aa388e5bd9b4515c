// The three forms of the one description.

export const DESCRIPTION_FORMATS = ['3.1', '3.0', '2.0'] as const
export type DescriptionFormat = (typeof DESCRIPTION_FORMATS)[number]

/** What each is called, beside the program and in addresses. */
export const DESCRIPTIONS: { readonly [F in DescriptionFormat]: string } = {
  '3.1': 'openapi.json',
  '3.0': 'openapi-3.0.json',
  '2.0': 'swagger.json'
}
