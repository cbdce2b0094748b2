'use strict';
{
  const $ = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const [filter, found, root] = [$('#filter'), $('#found'), document.documentElement];
  const text = (element) => element.textContent.toLowerCase();
  // A lesson is found by its claim, its name, the wrong idea and its words; a question by all that it says.
  const lessons = all('.lesson').map((it) => [it, ['h3', '.meta', '.belief', '.words'].map((part) => text(it.querySelector(part))).join('\n')]);
  const asked = all('.ask').map((it) => [it, text(it)]);
  const chapters = all('.chapter');

  const show = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const [some, count] = [words.length > 0, (list) => list.reduce((sum, [it, has]) => {
      it.hidden = some && !words.every((word) => has.includes(word));
      return sum + !it.hidden;
    }, 0)];
    root.classList.toggle('filtered', some);
    const [ofLessons, ofQuestions] = [count(lessons), count(asked)];
    for (const it of chapters) it.hidden = some && !it.querySelector('.lesson:not([hidden])');
    $('#what-people-ask').hidden = some && !ofQuestions;
    const say = (count, what) => `${count} ${what}${count === 1 ? '' : 's'}`;
    found.textContent = some ? `${say(ofQuestions, 'question')}, ${say(ofLessons, 'lesson')}` : '';
  };

  $('form').hidden = false;
  $('form').addEventListener('submit', (event) => event.preventDefault());
  filter.addEventListener('input', show);
  document.addEventListener('keydown', (event) => {
    const typing = event.target.closest('[type=search]');
    if (event.key === 'Escape' && typing) {
      filter.value = '';
      show();
    } else if (event.key === '/' && !typing && $('#key').checked && !(event.ctrlKey || event.metaKey || event.altKey)) {
      event.preventDefault();
      filter.focus();
      filter.select();
    }
  });
  // A link leads to a place on the whole page.
  document.addEventListener('click', (event) => {
    if (filter.value && event.target.closest('a[href^="#"]')) {
      filter.value = '';
      show();
    }
  });

  // Paper cannot be unfolded.
  let opened = [];
  addEventListener('beforeprint', () => {
    opened = all('details:not([open])');
    for (const it of opened) it.open = true;
  });
  addEventListener('afterprint', () => {
    for (const it of opened) it.open = false;
  });
  // A browser keeps what was typed when a page is loaded again.
  show();
}
