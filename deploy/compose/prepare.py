"""Makes ready what the services of the compose system need: databases and roles, tables, topics, principals.

Run once before they start, and again at any time: what is there is brought up to date.
"""  # noqa: INP001  a script of the image, not of a package

import os
import sys
from dataclasses import replace

from hubs import topics
from hubs.home import SERVICES
from hubs.parts.postgres import create_service_database, service_url
from hubs.wiring import kafka_told, layout_told
from mathshubs.postgres import migrate


def main() -> None:
    """Prepare every service's database, then Kafka."""
    told, kafka = os.environ, kafka_told()
    if kafka is None:
        sys.exit("Set HUBS_KAFKA to the admin's login: USER:PASSWORD@HOST:PORT")
    for service in SERVICES:
        passwords = {role: told[f"{service}_{role}_PASSWORD".upper()] for role in ("owner", "app")}
        server = told[f"{service}_POSTGRES_ADMIN".upper()]
        create_service_database(server, service, **passwords)
        migrate(service_url(server, {f"postgres_{service}_owner": passwords["owner"]}, service, "owner"), service)
    logins = {service: told[f"{service}_KAFKA_PASSWORD".upper()] for service in SERVICES}
    layout = replace(layout_told(), partitions=int(told.get("FACTS_PARTITIONS", "12")))
    topics.ensure_system(topics.connect(kafka), logins, layout)


if __name__ == "__main__":
    main()
