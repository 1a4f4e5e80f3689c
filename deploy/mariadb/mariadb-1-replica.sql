CHANGE MASTER TO master_host = 'mariadb-1', master_port = 3306,
  master_user = 'chepiao', master_password = 'chepiao',
  master_use_gtid = slave_pos, master_connect_retry = 1, master_heartbeat_period = 1;
START SLAVE;
