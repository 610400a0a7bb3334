// Reads iCalendar texts (a JSON list on stdin) as ical.js does, and says what each tells: times as seconds since 1970.

import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const told = JSON.parse(readFileSync(0, "utf8")).map((text) => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const [entry] = calendar.getAllSubcomponents("vevent");
  const event = new ICAL.Event(entry);
  return {
    uid: event.uid,
    sequence: event.sequence,
    method: calendar.getFirstPropertyValue("method"),
    starts: event.startDate.toUnixTime(),
    ends: event.endDate.toUnixTime(),
    place: event.location,
    zone: event.startDate.zone.component ? "its own" : event.startDate.zone.tzid,
  };
});
process.stdout.write(JSON.stringify(told));
