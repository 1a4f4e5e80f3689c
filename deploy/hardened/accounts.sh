# Run once by the image of MariaDB, on an empty volume.
docker_process_sql < /run/secrets/mysql-accounts
