// Keeps a page up to date while it is open: when the stream says that something has changed, what the server
// would show now takes its place. Without this script the page has its Refresh link. Only the line with role
// `status` is read out, and only when it says something else.
const LEAST_PAUSE = 2000 // milliseconds between two looks

const shown = document.getElementById('live')
let due = false
let looking = false

async function look () {
  if (looking) { due = true; return }
  looking = true
  due = false
  try {
    const answer = await fetch(window.location.href, { headers: { accept: 'text/html' } })
    if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), 'text/html'))
  } catch { /* away for a moment: the stream comes back by itself, and says so */ }
  setTimeout(() => { looking = false; if (due) look() }, LEAST_PAUSE)
}

function show (fresh) {
  const content = fresh.getElementById('live')
  const focused = shown.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null
  if (content && content.innerHTML !== shown.innerHTML) {
    shown.replaceChildren(...content.childNodes)
    if (focused) shown.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true })
  }
  const [last, newest] = [document, fresh].map(one => one.getElementById('live-last'))
  if (last && newest && last.textContent !== newest.textContent) last.textContent = newest.textContent
}

if (shown && window.EventSource) {
  let first = true // the page has just been made
  const stream = new EventSource(shown.dataset.stream)
  stream.addEventListener('changed', () => { if (first) first = false; else look() })
}
