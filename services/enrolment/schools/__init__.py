"""Schools as the national register has them: who they are, what they became, who may take part.

The register comes as files of Get Information About Schools. Importing one twice changes nothing; a bad
row is set aside with its reason and stops no other; each change is said as a fact in the same transaction
as the row. Heads' names stand in the files and are never read.
"""
