"""Why a report was refused, flagged or set aside: each code with words that say what to do."""

REFUSED = {
    "school-unknown": "The register has no school with this URN; check it, or import a newer register.",
    "school-not-state-funded": "The school is not state-funded, so it cannot take part.",
    "school-not-in-england": "The school is not in England, so it cannot take part.",
    "school-not-secondary": "The school has no secondary phase, so it cannot take part in this programme.",
    "school-closed": "The school had closed by the day of joining; use its successor's URN.",
    "school-not-yet-open": "The school had not opened by the day of joining.",
    "already-taking-part": "The school, or one it was before, is already in a Work Group of this programme and year.",
    "outside-school-year": "The day is not in the Work Group's school year.",
    "named-too-early": "The day lies before teachers could be named for the Work Group's school year; check its year.",
    "slots-taken": "Both advocate slots of the school are taken; report a replacement instead.",
    "advocate-elsewhere": "The teacher already holds a slot at another school in this programme and year.",
    "school-not-in-group": "The school was not accepted into this Work Group, so it has no slots there, and no visits.",
    "not-your-work-group": "Another hub formed this Work Group; only that hub may report on it.",
    "not-your-person": "Another hub reported this person; only that hub may change their details.",
    "not-your-meeting": "Another hub reported this meeting; only that hub may report on it.",
    "person-not-reported": "One of the two was not reported by any hub; report them first, then merge them.",
    "merged-with-itself": "Both references mean one record already: they are the same, or were merged the other way.",
    "merged-otherwise": "The duplicate was merged into another person; merge that one instead.",
    "person-erased": "This person was erased and cannot be reported again under this reference.",
    "work-group-differs": "A Work Group with this reference was formed with other details; those stand.",
    "join-differs": "The school joined this Work Group with another day, or another day of its head's agreement; "
    "what was reported first stands.",
    "nomination-differs": "The teacher holds this slot from another day; the day that was reported first stands.",
    "school-has-left": "The school takes part in this Work Group no more on that day; report that it joined again.",
    "holds-no-slot": "The teacher who leaves holds no slot of this school in this Work Group; check who and which.",
    "before-first-day": "The day lies before the first day there; report that first day, or a later one.",
    "replacement-differs": "The teacher gave up this slot from another day, or for another reason; what was reported "
    "first stands.",
    "replaced-by-themselves": "A teacher cannot take over from themselves; name who joins, or leave it out.",
    "holds-other-slot": "The teacher who joins holds the school's other slot already; name another, or leave it out.",
    "withdrawal-differs": "The school left this Work Group from another day, or for another reason; what was reported "
    "first stands.",
    "lead-assigned-since": "Another lead begins on that day, and others lead from later days; report a day between.",
    "meeting-already-held": "The meeting has been reported as held; it can no longer move or be held otherwise.",
    "meeting-refused": "The report that this meeting is planned, or was held, was refused; mend that one, then send "
    "this again under an id of its own.",
    "meeting-of-another-group": "The meeting belongs to another Work Group.",
    "not-held-yet": "A meeting cannot be reported as held before it starts, and has no register to put right before it "
    "was reported as held; a visit or a lesson cannot be reported before its day.",
    "meeting-cancelled": "The meeting was cancelled; report it as scheduled to plan it anew, or as held if it took "
    "place.",
    "not-your-specialist": "The specialist is another hub's; a hub that they come to reports, under the id that "
    "receipts give, that they returned or that a year started.",
    "not-your-interest": "Another hub reported this interest; give yours a reference of its own.",
    "interest-differs": "An interest with this reference was reported with other details; those stand.",
    "before-last-step": "A step of a later day is on record that could not follow on this one; what was reported first "
    "stands.",
    "specialist-step-differs": "This step is on record with another day or other details; what was reported first "
    "stands.",
    "cohort-differs": "The specialist was accepted with another cohort; what was reported first stands.",
    "year-gone-by": "A later year of the programme has started for this specialist; check which year is meant.",
    "already-on-programme": "The specialist is on the programme already; report what they do there.",
    "already-designated": "They are a designated Mastery Specialist already, so they cannot enter the programme.",
    "left-programme": "The specialist has left; report their nomination or acceptance anew first.",
    "already-accredited": "They are an accredited PD Lead on that day; report a re-registration or a lapse.",
    "expires-before-it-begins": "The accreditation would end before the day it was given; check both days.",
    "visit-differs": "A visit with this reference was reported with other details; those stand.",
    "lesson-differs": "An open lesson with this reference was reported with other details; those stand.",
    "unknown-policy": "No policy of this name is in force in that school year; leave it out for the programme's own.",
}

FLAGGED = {
    "future": "The event's time is more than five minutes ahead of the clock.",
    "person-unknown": "Nobody has been reported under this reference yet.",
    "before-joining": "The advocate was named for a day before the school joined; that day is recorded.",
    "was-cancelled": "The meeting had been reported as cancelled; that it was held stands.",
    "never-scheduled": "The meeting was not scheduled before it was reported as held.",
    "lead-clash": "The lead is in another meeting at this time.",
    "advocate-clash": "An advocate is in another meeting at this time.",
    "lead-not-in-standing": "Whoever leads the meeting may not lead Work Groups on its day; report their programme or "
    "accreditation, or another lead.",
    "bank-holiday": "The meeting is on a bank holiday.",
    "weekend": "The meeting is at a weekend.",
    "school-holiday": "The meeting is in a holiday of a school of the Work Group.",
    "inset-day": "The meeting is on an INSET day of a school of the Work Group.",
    "second-in-half-term": "The Work Group has another meeting in this half-term; mark one of the two as extra, move "
    "it or cancel it.",
    "not-expected": "Somebody on the register held no advocate slot when the meeting was held.",
    "interest-already-expressed": "The school's interest in this programme is on record for this school year.",
    "changed-hub": "The specialist was another hub's until now; they are recorded as yours from this day.",
    "not-nominated": "The specialist was accepted without having been nominated; check whether a report is missing.",
    "not-accepted": "The specialist was not accepted on the programme before; check whether a report is missing.",
    "gate-not-passed": "The gate before this step was not reported as passed; check whether a report is missing.",
    "year-not-started": "The year of this gate was not reported as started; check whether a report is missing.",
    "not-deferred": "The specialist had not deferred, so there was nothing to return from.",
    "not-returned": "The specialist had deferred and was not reported to have returned; the year counts as a return.",
    "not-enrolled": "They were not reported to have started the PD Lead programme; check whether a report is missing.",
    "workshops-missing": "Not all three workshops were reported as attended; check whether a report is missing.",
    "no-evidence": "No evidence was reported that this could be about; check whether a report is missing.",
    "not-accredited": "They were not reported to be accredited before; check whether a report is missing.",
    "not-a-member": "The school was not in the Work Group on that day; check the day, or report that it joined.",
    "over-entitlement": "With this visit the school has had more hours than its stage gives it this year.",
    "no-lead": "The Work Group has no lead yet.",
}

SET_ASIDE = {
    "id-reused": "An event with this source and id was sent before with other content; give it an id of its own.",
    "unknown-type": "No report has this type; the catalogue lists those that there are.",
    "unknown-owner": "No service answers this type; its owner is enrolment or scheduling.",
    "hub-mismatch": "The event names another hub than the one whose topic or key it came by.",
    "bad-data": "The data does not fit the type.",
    "breaks-a-constraint": "The event contradicts what is recorded.",
    "waited-too-long": "What the event names was not reported within an hour, or its own report was refused or set "
    "aside: mend that one, then send this again under an id of its own.",
    "unexpected-error": "The event could not be applied because of a fault of ours; it waits for an operator.",
}

_WORDS = REFUSED | FLAGGED | SET_ASIDE


def words(code: str) -> str:
    """Return what `code` means, in a sentence for a hub's integrator."""
    return _WORDS.get(code, code)
