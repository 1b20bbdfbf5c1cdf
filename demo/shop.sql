-- A small shop: what `make run` loads and shows.
CREATE DATABASE shop;
USE shop;

CREATE TABLE customer (
  id         INT UNSIGNED NOT NULL AUTO_INCREMENT,
  email      VARCHAR(120) NOT NULL,
  name       VARCHAR(80)  NOT NULL,
  city       VARCHAR(60),
  created_at DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  UNIQUE KEY email (email)
);

CREATE TABLE product (
  sku   CHAR(8)       NOT NULL,
  title VARCHAR(100)  NOT NULL,
  price DECIMAL(10,2) NOT NULL,
  stock INT           NOT NULL DEFAULT 0,
  PRIMARY KEY (sku)
);

CREATE TABLE orders (
  id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer_id INT UNSIGNED    NOT NULL,
  state       ENUM('open','paid','sent') NOT NULL DEFAULT 'open',
  ordered_at  DATETIME(3)     NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  KEY customer (customer_id),
  CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customer (id)
);

CREATE TABLE order_line (
  order_id BIGINT UNSIGNED NOT NULL,
  sku      CHAR(8)         NOT NULL,
  quantity INT             NOT NULL,
  price    DECIMAL(10,2)   NOT NULL,
  PRIMARY KEY (order_id, sku),
  CONSTRAINT line_order   FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
  CONSTRAINT line_product FOREIGN KEY (sku)      REFERENCES product (sku)
);

INSERT INTO customer (email, name, city) VALUES
  ('ada@example.org',   'Ada Lovelace',    'London'),
  ('emmy@example.org',  'Emmy Noether',    'Erlangen'),
  ('kurt@example.org',  'Kurt Gödel',      'Wien'),
  ('sofja@example.org', 'Sofja Kowalewskaja', 'Stockholm');

INSERT INTO product (sku, title, price, stock) VALUES
  ('TEA-0001', 'Darjeeling, first flush, 100 g', 12.90, 40),
  ('TEA-0002', 'Sencha, 250 g',                  18.50, 25),
  ('CUP-0001', 'Porcelain cup',                   7.25, 60),
  ('POT-0001', 'Cast iron pot, 1.2 l',           64.00,  8);

START TRANSACTION;
INSERT INTO orders (customer_id) VALUES (1);
INSERT INTO order_line VALUES (LAST_INSERT_ID(), 'TEA-0001', 2, 12.90), (LAST_INSERT_ID(), 'CUP-0001', 4, 7.25);
UPDATE product SET stock = stock - 2 WHERE sku = 'TEA-0001';
UPDATE product SET stock = stock - 4 WHERE sku = 'CUP-0001';
COMMIT;

START TRANSACTION;
INSERT INTO orders (customer_id, state) VALUES (3, 'paid');
INSERT INTO order_line VALUES (LAST_INSERT_ID(), 'POT-0001', 1, 64.00);
UPDATE product SET stock = stock - 1 WHERE sku = 'POT-0001';
COMMIT;

UPDATE orders SET state = 'sent' WHERE state = 'paid';
DELETE FROM customer WHERE email = 'sofja@example.org';

CREATE VIEW turnover AS
  SELECT c.name, COUNT(DISTINCT o.id) AS orders, SUM(l.quantity * l.price) AS total
  FROM customer c JOIN orders o ON o.customer_id = c.id JOIN order_line l ON l.order_id = o.id
  GROUP BY c.id, c.name;
