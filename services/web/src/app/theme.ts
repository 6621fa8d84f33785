// SPDX-License-Identifier: Apache-2.0
// One look: Inter at 13 px, small controls, hairlines instead of shadows, a tinted canvas with one
// bordered panel. Colours of text meet WCAG 2.2 AA on what they stand on, in both schemes.
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

// biome-ignore format: a palette is read by the row
const indigo: MantineColorsTuple = [
  '#eef1ff', '#dbe1fb', '#b9c4f3', '#95a4ea', '#7587e2', '#6072db', '#4c5fd7', '#4052c4', '#3747a8', '#2b388a',
];
// biome-ignore format: a palette is read by the row
const dark: MantineColorsTuple = [
  '#e6e8ec', '#b4b8c2', '#949aa6', '#6b717e', '#3d424d', '#2b2f38', '#22252d', '#16181d', '#101216', '#0b0c0f',
];
// biome-ignore format: a palette is read by the row
const gray: MantineColorsTuple = [
  '#f6f7f9', '#eff1f4', '#e4e7ec', '#d5d9e0', '#c1c7d0', '#9aa1ae', '#6b7280', '#5a616e', '#333842', '#1b1e24',
];

/** `close`: what buttons that close something are called, for those who hear the screen. */
export const makeTheme = (close: string) =>
  createTheme({
    primaryColor: 'indigo',
    primaryShade: 6,
    colors: { indigo, dark, gray },
    black: '#15171c',
    fontFamily: "'Inter Variable', Inter, system-ui, sans-serif",
    fontFamilyMonospace: "ui-monospace, 'SFMono-Regular', Menlo, Consolas, monospace",
    fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '19px' },
    lineHeights: { xs: '1.35', sm: '1.45', md: '1.5' },
    headings: {
      fontWeight: '620',
      sizes: {
        h1: { fontSize: '20px', lineHeight: '1.3' },
        h2: { fontSize: '16px', lineHeight: '1.35' },
        h3: { fontSize: '14px', lineHeight: '1.4' },
        h4: { fontSize: '13px', lineHeight: '1.4' },
      },
    },
    spacing: { xs: '6px', sm: '10px', md: '14px', lg: '20px', xl: '28px' },
    radius: { xs: '3px', sm: '5px', md: '7px', lg: '10px', xl: '16px' },
    defaultRadius: 'sm',
    cursorType: 'pointer',
    shadows: {
      xs: '0 1px 2px rgb(0 0 0 / 5%)',
      sm: '0 1px 3px rgb(0 0 0 / 8%)',
      md: '0 4px 16px rgb(0 0 0 / 12%)',
      lg: '0 8px 30px rgb(0 0 0 / 16%)',
      xl: '0 16px 48px rgb(0 0 0 / 22%)',
    },
    // Plain objects: naming the components here would load all of them first.
    components: {
      Button: { defaultProps: { size: 'xs' } },
      ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 'md' } },
      Input: { defaultProps: { size: 'xs' } },
      InputWrapper: { defaultProps: { size: 'xs' } },
      TextInput: { defaultProps: { size: 'xs' } },
      NumberInput: { defaultProps: { size: 'xs' } },
      Textarea: { defaultProps: { size: 'xs' } },
      Select: { defaultProps: { size: 'xs', comboboxProps: { shadow: 'md' } } },
      Checkbox: { defaultProps: { size: 'xs' } },
      Switch: { defaultProps: { size: 'xs' } },
      SegmentedControl: { defaultProps: { size: 'xs' } },
      Menu: { defaultProps: { shadow: 'md', position: 'bottom-end' } },
      Popover: { defaultProps: { shadow: 'md' } },
      Modal: {
        styles: { title: { fontWeight: 620, fontSize: 15 } },
        defaultProps: {
          overlayProps: { backgroundOpacity: 0.45 },
          yOffset: '8vh',
          closeButtonProps: { 'aria-label': close },
        },
      },
      Drawer: { defaultProps: { closeButtonProps: { 'aria-label': close } } },
      Tooltip: { defaultProps: { openDelay: 400, fz: 'xs' } },
      Badge: {
        defaultProps: { size: 'md', variant: 'light', radius: 'sm', tt: 'none', fw: 550 },
      },
      Tabs: { defaultProps: { keepMounted: false } },
      Table: { defaultProps: { borderColor: 'var(--lia-line)' } },
      Kbd: { defaultProps: { size: 'xs' } },
    },
  });

/** Their darkest shade is too light to be read on a tint. */
const pale = new Set(['yellow', 'lime', 'orange', 'green', 'teal', 'cyan']);

/** Mantine's own light badges, avatars and dimmed texts miss 4.5:1 narrowly. */
export const variables: CSSVariablesResolver = (theme) => {
  const light: Record<string, string> = {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-text': '#1b1e24',
    '--mantine-color-dimmed': '#5a616e',
    '--mantine-color-placeholder': '#6b7280',
    '--mantine-color-default-border': '#dfe3e8',
    '--mantine-color-error': '#c02626',
    '--lia-canvas': '#f4f5f7',
    '--lia-panel': '#ffffff',
    '--lia-line': '#e6e9ed',
    '--lia-hover': '#f4f5f8',
    '--lia-chosen': '#e9ecf1',
    '--lia-selected': '#eef1ff',
    '--lia-sunken': '#f6f7f9',
  };
  const dark: Record<string, string> = {
    '--mantine-color-body': '#16181d',
    '--mantine-color-text': '#e6e8ec',
    '--mantine-color-dimmed': '#9aa0ad',
    '--mantine-color-placeholder': '#8a909d',
    '--mantine-color-default': '#1c1f26',
    '--mantine-color-default-hover': '#252932',
    '--mantine-color-default-border': '#30343e',
    '--mantine-color-error': '#ff8787',
    '--lia-canvas': '#0b0c0f',
    '--lia-panel': '#16181d',
    '--lia-line': '#262a32',
    '--lia-hover': '#1c1f26',
    '--lia-chosen': '#22252d',
    '--lia-selected': '#1d2340',
    '--lia-sunken': '#101216',
    '--mantine-primary-color-light-color': '#a9b5f5',
    '--mantine-color-anchor': '#a9b5f5',
  };
  for (const [name, tuple] of Object.entries(theme.colors)) {
    if (name === 'dark' || name === 'gray') continue;
    const share = pale.has(name) ? 52 : 82;
    light[`--mantine-color-${name}-light-color`] = `color-mix(in srgb, ${tuple[9]} ${share}%, black)`;
    light[`--mantine-color-${name}-light`] = `color-mix(in srgb, ${tuple[5]} 15%, white)`;
    light[`--mantine-color-${name}-outline`] = tuple[8] ?? '';
    dark[`--mantine-color-${name}-light-color`] = `color-mix(in srgb, ${tuple[3]} 70%, white)`;
    dark[`--mantine-color-${name}-light`] = `color-mix(in srgb, ${tuple[7]} 26%, #16181d)`;
  }
  light['--mantine-color-gray-light-color'] = '#3f4550';
  light['--mantine-color-gray-light'] = '#eff1f4';
  dark['--mantine-color-gray-light-color'] = '#c3c7d0';
  dark['--mantine-color-gray-light'] = '#262a32';
  return { variables: {}, light, dark };
};
