/*
 * What a page can try: run inside it, as a script. Each gets the URL of chat completions as the page calls it and a body that would be paid
 * for, and resolves with what the page learned.
 */
globalThis.attacks = {
  'a fetch of JSON': ({ url, body }) =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).then(
      async (answer) => `${answer.status} ${await answer.text()}`,
      String,
    ),
  'a fetch without CORS': ({ url, body }) => fetch(url, { method: 'POST', mode: 'no-cors', body }).then((answer) => answer.type, String),
  'a fetch without CORS, with cookies': ({ url, body }) =>
    fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include', headers: { 'content-type': 'text/plain' }, body }).then(
      (answer) => answer.type,
      String,
    ),
  'a fetch that says it is for a private network': ({ url, body }) =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body, targetAddressSpace: 'loopback' }).then(
      async (answer) => `${answer.status} ${await answer.text()}`,
      String,
    ),
  'an XMLHttpRequest': ({ url, body }) =>
    new Promise((resolve) => {
      const call = new XMLHttpRequest();
      call.open('POST', url);
      call.onloadend = () => resolve(`${call.status} ${call.responseText}`);
      call.send(body);
    }),
  'a beacon of text': ({ url, body }) => Promise.resolve(String(navigator.sendBeacon(url, body))),
  'a beacon of JSON': ({ url, body }) => Promise.resolve(String(navigator.sendBeacon(url, new Blob([body], { type: 'application/json' })))),
  'a form of text': ({ url, body }) =>
    new Promise((resolve) => {
      const frame = Object.assign(document.createElement('iframe'), { name: 'answer' });
      const form = Object.assign(document.createElement('form'), { method: 'POST', action: url, enctype: 'text/plain', target: 'answer' });
      // The text of a form is name=value: the body is cut in two at an equals sign, inside a string.
      const [name = '', value = ''] = body.replace('"user":"', '"user":"=').split('=');
      form.append(Object.assign(document.createElement('input'), { name, value }));
      frame.onload = () => resolve('loaded');
      document.body.append(frame, form);
      form.submit();
    }),
  'a form in the usual way': ({ url, body }) =>
    new Promise((resolve) => {
      const frame = Object.assign(document.createElement('iframe'), { name: 'other' });
      const form = Object.assign(document.createElement('form'), { method: 'POST', action: url, target: 'other' });
      form.append(Object.assign(document.createElement('input'), { name: body, value: '' }));
      frame.onload = () => resolve('loaded');
      document.body.append(frame, form);
      form.submit();
    }),
  'a WebSocket': ({ url }) =>
    new Promise((resolve) => {
      const socket = new WebSocket(url.replace(/^http/, 'ws'));
      socket.onopen = () => resolve('open');
      socket.onerror = () => resolve('refused');
    }),
  'an EventSource': ({ url }) =>
    new Promise((resolve) => {
      const events = new EventSource(url);
      events.onmessage = ({ data }) => resolve(String(data));
      events.onerror = () => {
        events.close();
        resolve('refused');
      };
    }),
  'a script': ({ url }) =>
    new Promise((resolve) => {
      const script = Object.assign(document.createElement('script'), { src: url.replace('chat/completions', 'budget') });
      script.onload = () => resolve('loaded');
      script.onerror = () => resolve('refused');
      document.head.append(script);
    }),
  'a look at the budget': ({ url }) =>
    fetch(url.replace('chat/completions', 'budget')).then(async (answer) => `${answer.status} ${await answer.text()}`, String),
};
