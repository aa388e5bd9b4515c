// Light or dark: as the system has it, unless chosen here. A choice is kept by the browser.
import { byId } from './dom.js'

const NAME = 'post-delivery-series theme'

/**
 * Calls `onChange` whenever the theme in force becomes another.
 * @param {(dark: boolean) => void} onChange
 */
export function createTheme(onChange) {
  const select = byId('theme', HTMLSelectElement)
  const system = matchMedia('(prefers-color-scheme: dark)')
  select.value = localStorage.getItem(NAME) ?? 'auto'
  if (select.value === '') select.value = 'auto'

  const isDark = () => select.value === 'dark' || (select.value === 'auto' && system.matches)
  const apply = () => {
    document.documentElement.dataset['theme'] = select.value
    onChange(isDark())
  }
  select.addEventListener('change', () => {
    localStorage.setItem(NAME, select.value)
    apply()
  })
  system.addEventListener('change', apply)
  document.documentElement.dataset['theme'] = select.value
  return { isDark }
}
