"""People: who is reported, by which hub, with the name and address that mail needs; and their erasure.

The only noun that holds names, addresses and teacher reference numbers. Facts about people carry ids alone;
what others need stands on `people.current`, rendered when it is published, so that whoever was erased
meanwhile goes out as a tombstone. A teacher reference number never leaves.
"""
