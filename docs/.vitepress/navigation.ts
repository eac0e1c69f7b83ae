interface Part {
  text: string;
  items: { text: string; link: string; target?: string }[];
}

/** The pages of the site, in the order in which they are read. The API reference is made after the site, by typedoc. */
export const navigation: readonly Part[] = [
  {
    text: 'Begin',
    items: [
      { text: 'Getting started', link: '/getting-started' },
      { text: 'What is guaranteed', link: '/guarantee' },
      { text: 'Samples', link: '/samples/' },
      { text: 'Questions', link: '/questions' },
      { text: 'Compared with others', link: '/comparison' },
    ],
  },
  {
    text: 'Write handlers',
    items: [
      { text: 'Effects that cannot be undone', link: '/effects' },
      { text: 'Work that takes long', link: '/long-work' },
      { text: 'Many at once', link: '/fan-out' },
      { text: 'Lease times', link: '/lease-times' },
      { text: 'Testing', link: '/testing' },
      { text: 'The emulator', link: '/emulator' },
    ],
  },
  {
    text: 'Run it',
    items: [
      { text: 'On Google Cloud', link: '/google-cloud' },
      { text: 'Security', link: '/security' },
      { text: 'Operating', link: '/operating' },
      { text: 'The console', link: '/console' },
      { text: 'Traces and metrics', link: '/telemetry' },
      { text: 'Limits and cost', link: '/limits' },
      { text: 'From the Go library', link: '/from-go' },
    ],
  },
  {
    text: 'Look up',
    items: [
      { text: 'Options', link: '/options' },
      { text: 'Errors and answers', link: '/errors' },
      { text: 'How a step runs', link: '/protocol' },
      { text: 'API', link: '/api/', target: '_self' },
      { text: 'Changes', link: '/changelog' },
    ],
  },
  {
    text: 'How it is checked',
    items: [
      { text: 'The model', link: '/model' },
      { text: 'The simulation', link: '/simulation' },
      { text: 'Chaos', link: '/chaos' },
      { text: 'Benchmarks', link: '/benchmarks' },
      { text: 'Inside the emulator', link: '/emulator-inside' },
      { text: 'Contributing', link: '/contributing' },
      { text: 'Reporting a weakness', link: '/reporting' },
    ],
  },
];
