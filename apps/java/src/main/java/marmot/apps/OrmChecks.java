package marmot.apps;

import jakarta.persistence.LockModeType;
import jakarta.persistence.criteria.CriteriaBuilder;
import jakarta.persistence.criteria.CriteriaQuery;
import jakarta.persistence.criteria.JoinType;
import jakarta.persistence.criteria.Root;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import marmot.apps.Entities.Address;
import marmot.apps.Entities.Author;
import marmot.apps.Entities.Book;
import marmot.apps.Entities.CardPayment;
import marmot.apps.Entities.Cat;
import marmot.apps.Entities.Circle;
import marmot.apps.Entities.Dog;
import marmot.apps.Entities.EveryType;
import marmot.apps.Entities.Identified;
import marmot.apps.Entities.Mood;
import marmot.apps.Entities.Sequenced;
import marmot.apps.Entities.Shape;
import marmot.apps.Entities.Stock;
import marmot.apps.Entities.Tabled;
import marmot.apps.Entities.Tag;
import marmot.apps.Entities.TransferPayment;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.Configuration;
import org.hibernate.resource.jdbc.spi.StatementInspector;

/** Hibernate: the schema that it makes, and everything that it asks of it. */
final class OrmChecks {
    private static final List<String> SAID = java.util.Collections.synchronizedList(new ArrayList<>());

    private OrmChecks() {
    }

    static void run(Server server, Transcript transcript) throws Exception {
        transcript.check("orm/database", () -> server.fresh("orm", "").close());
        for (String action : new String[] {"create", "validate", "update", "validate", "update", "create-drop", "create"}) {
            transcript.check("orm/schema " + action, () -> {
                SAID.clear();
                factory(server, action, "").close();
                List<String> ddl = new ArrayList<>(SAID);
                transcript.say(ddl.stream().filter(text -> !text.startsWith("select")).toList().size() + " statements");
                ddl.forEach(transcript::say);
                definitions(server, transcript);
            });
        }
        for (String options : new String[] {"", "rewriteBatchedStatements=true&useServerPrepStmts=true&cachePrepStmts=true"}) {
            transcript.check("orm/open " + options, () -> {
                try (SessionFactory factory = factory(server, "create", options)) {
                    all(transcript, factory, "orm/" + options + "/");
                }
            });
        }
        transcript.check("orm/drop", () -> server.drop("orm"));
    }

    private static SessionFactory factory(Server server, String action, String options) {
        Configuration configuration = new Configuration();
        configuration.setProperty("hibernate.connection.url", server.url(server.database("orm"), options));
        configuration.setProperty("hibernate.connection.username", server.user());
        configuration.setProperty("hibernate.connection.password", server.password());
        configuration.setProperty("hibernate.hbm2ddl.auto", action);
        configuration.setProperty("hibernate.jdbc.batch_size", "20");
        configuration.setProperty("hibernate.order_inserts", "true");
        configuration.setProperty("hibernate.jdbc.time_zone", "UTC");
        configuration.getProperties().put("hibernate.session_factory.statement_inspector", (StatementInspector) text -> {
            SAID.add(text);
            return text;
        });
        for (Class<?> one : Entities.ALL) {
            configuration.addAnnotatedClass(one);
        }
        return configuration.buildSessionFactory();
    }

    private static void definitions(Server server, Transcript transcript) throws Exception {
        try (Connection connection = server.connect(server.database("orm"), ""); Statement statement = connection.createStatement()) {
            List<String> tables = new ArrayList<>();
            ResultSet result = statement.executeQuery("SHOW TABLES");
            while (result.next()) {
                tables.add(result.getString(1));
            }
            for (String table : tables) {
                result = statement.executeQuery("SHOW CREATE TABLE `" + table + "`");
                result.next();
                transcript.say(result.getString(2));
            }
        }
    }

    private static void all(Transcript transcript, SessionFactory factory, String prefix) {
        transcript.check(prefix + "every type", () -> types(transcript, factory));
        transcript.check(prefix + "associations", () -> associations(transcript, factory));
        transcript.check(prefix + "HQL", () -> queries(transcript, factory));
        transcript.check(prefix + "criteria", () -> criteria(transcript, factory));
        transcript.check(prefix + "inheritance", () -> inheritance(transcript, factory));
        transcript.check(prefix + "generated ids", () -> identifiers(transcript, factory));
        transcript.check(prefix + "batches", () -> batches(transcript, factory));
        transcript.check(prefix + "versions", () -> versions(transcript, factory));
        transcript.check(prefix + "locks", () -> locks(transcript, factory));
        transcript.check(prefix + "changes by query", () -> changes(transcript, factory));
        transcript.check(prefix + "streams", () -> streams(transcript, factory));
        transcript.check(prefix + "statements", () -> {
            SAID.stream().distinct().forEach(transcript::say);
            SAID.clear();
        });
    }

    private static EveryType filled(String code) {
        EveryType e = new EveryType();
        e.code = code;
        e.flag = true;
        e.tiny = -7;
        e.small = 300;
        e.whole = -70000;
        e.large = Long.MAX_VALUE;
        e.single = 1.25f;
        e.real = Math.E;
        e.money = new BigDecimal("123456.789");
        e.huge = new BigInteger("123456789012345678");
        e.letter = 'ß';
        e.text = "it's \\ 😀";
        e.longer = "l".repeat(70_000);
        e.clob = "clob";
        e.photo = new byte[] {0, 1, 2, (byte) 255};
        e.bytes = new byte[] {39, 92};
        e.day = LocalDate.of(2024, 2, 29);
        e.hour = LocalTime.of(23, 59, 58);
        e.moment = LocalDateTime.of(2024, 1, 2, 3, 4, 5, 123456000);
        e.instant = Instant.parse("2024-06-07T08:09:10.111213Z");
        e.offset = OffsetDateTime.of(2024, 1, 1, 1, 1, 1, 0, ZoneOffset.UTC);
        e.millis = LocalDateTime.of(2024, 1, 2, 3, 4, 5, 678000000);
        e.duration = Duration.ofSeconds(90, 5);
        e.uuid = UUID.fromString("01234567-89ab-cdef-0123-456789abcdef");
        e.uuidText = e.uuid;
        e.mood = Mood.SAD;
        e.ordinal = Mood.NEITHER;
        e.document = Map.of("key", "välue");
        e.legacy = new java.util.Date(1700000000000L);
        return e;
    }

    private static String shown(EveryType e) {
        return String.join(" ", "" + e.id, e.code, "" + e.flag, "" + e.tiny, "" + e.small, "" + e.whole, "" + e.large, "" + e.single, "" + e.real, "" + e.money, "" + e.huge, "" + e.letter, e.text,
                e.longer == null ? "-" : "" + e.longer.length(), e.clob, Transcript.show(e.photo), Transcript.show(e.bytes), "" + e.day, "" + e.hour, "" + e.moment, "" + e.instant,
                e.offset == null ? "-" : "" + e.offset.toInstant(), "" + e.millis, "" + e.duration, "" + e.uuid, "" + e.uuidText, "" + e.mood, "" + e.ordinal, "" + e.document,
                e.legacy == null ? "-" : "" + e.legacy.getTime(), "" + (e.created != null), "" + (e.updated != null), "" + e.defaulted, e.derived, "" + e.version);
    }

    private static void types(Transcript transcript, SessionFactory factory) {
        factory.inTransaction(session -> {
            EveryType full = filled("first");
            EveryType empty = new EveryType();
            empty.code = "empty";
            session.persist(full);
            session.persist(empty);
            session.flush();
            transcript.say(full.defaulted + " " + full.derived);
        });
        factory.inTransaction(session -> session.createQuery("from EveryType order by id", EveryType.class).list().forEach(e -> transcript.say(shown(e))));
        factory.inTransaction(session -> {
            EveryType e = session.createQuery("from EveryType where code = :code and uuid = :uuid and mood = :mood and ordinal = :ordinal and money = :money and instant = :instant and day = :day and hour = :hour and duration = :duration", EveryType.class)
                    .setParameter("code", "first").setParameter("uuid", UUID.fromString("01234567-89ab-cdef-0123-456789abcdef")).setParameter("mood", Mood.SAD).setParameter("ordinal", Mood.NEITHER)
                    .setParameter("money", new BigDecimal("123456.789")).setParameter("instant", Instant.parse("2024-06-07T08:09:10.111213Z")).setParameter("day", LocalDate.of(2024, 2, 29))
                    .setParameter("hour", LocalTime.of(23, 59, 58)).setParameter("duration", Duration.ofSeconds(90, 5)).getSingleResult();
            e.text = "changed";
            e.code = "second";
            e.document = Map.of("other", "x");
            session.flush();
            session.refresh(e);
            transcript.say(shown(e));
        });
        transcript.fails("unique", () -> factory.inTransaction(session -> session.persist(filled("second"))));
        transcript.fails("not null", () -> factory.inTransaction(session -> session.createNativeMutationQuery("INSERT INTO every_type (flag, version) VALUES (1, 0)").executeUpdate()));
        transcript.fails("mood", () -> factory.inTransaction(session -> session.createNativeMutationQuery("UPDATE every_type SET mood = 'ANGRY'").executeUpdate()));
        transcript.fails("check", () -> factory.inTransaction(session -> session.createNativeMutationQuery("UPDATE every_type SET ordinal = 9").executeUpdate()));
    }

    private static void associations(Transcript transcript, SessionFactory factory) {
        factory.inTransaction(session -> {
            Tag fiction = new Tag("fiction");
            Tag old = new Tag("old");
            for (int a = 1; a <= 4; a++) {
                Author author = new Author();
                author.name = "Author " + a;
                author.born = a == 4 ? null : LocalDate.of(1900 + a, a, a);
                author.address.city = a % 2 == 0 ? "Berlin" : "Paris";
                author.address.street = "Street " + a;
                author.nicknames.addAll(List.of("nick" + a, "name" + a));
                author.phones.put("home", "1" + a);
                author.phones.put("work", "2" + a);
                for (int b = 1; b < a + 1 && a < 4; b++) {
                    Book book = new Book();
                    book.title = "Book " + a + "." + b;
                    book.pages = 100 * a + b;
                    book.price = new BigDecimal(a + "." + b);
                    book.author = author;
                    book.summary = "About " + book.title;
                    book.tags.add(fiction);
                    if (b == 1) {
                        book.tags.add(old);
                    }
                    author.books.add(book);
                }
                session.persist(author);
            }
        });
        factory.inTransaction(session -> {
            for (Author author : session.createQuery("select distinct a from Author a left join fetch a.books b order by a.name", Author.class).list()) {
                transcript.say(author.name + " " + author.bookCount + " " + author.nicknames + " " + new java.util.TreeMap<>(author.phones) + " " + author.address.city);
                author.books.stream().sorted(java.util.Comparator.comparing(book -> book.title)).forEach(book -> transcript.say("  " + book.title + " " + book.summary + " " + book.tags.stream().map(tag -> tag.name).sorted().toList()));
            }
            Author first = session.bySimpleNaturalId(Author.class).load("Author 3");
            first.books.removeIf(book -> book.title.endsWith("2"));
            first.nicknames.remove(0);
            first.nicknames.add("added");
            first.phones.remove("home");
            first.address = new Address();
        });
        factory.inTransaction(session -> {
            Author first = session.bySimpleNaturalId(Author.class).load("Author 3");
            transcript.say(first.books.size() + " " + first.nicknames + " " + first.phones + " " + first.version + " " + first.address);
            session.remove(session.bySimpleNaturalId(Author.class).load("Author 2"));
        });
        transcript.fails("tag in use", () -> factory.inTransaction(session -> session.createMutationQuery("delete Tag where name = 'fiction'").executeUpdate()));
    }

    private static void queries(Transcript transcript, SessionFactory factory) {
        for (String text : new String[] {"select a.name, count(b), sum(b.pages), avg(b.price), max(b.title) from Author a left join a.books b group by a.name order by a.name", "select b.title from Book b where b.author.name like 'Author%' and b.pages between 100 and 302 order by b.pages desc",
            "select upper(a.name), length(a.name), substring(a.name, 1, 3), concat(a.name, '-', a.address.city), trim(both ' ' from ' x '), locate('o', a.name), lower('X'), replace(a.name, 'u', 'U'), left(a.name, 2), lpad(a.name, 12, '*') from Author a order by a.id",
            "select abs(-b.pages), sqrt(b.pages), mod(b.pages, 7), floor(b.price), ceiling(b.price), round(b.price, 1), sign(b.pages), power(b.pages, 2), greatest(b.pages, 200), least(b.pages, 200) from Book b order by b.id",
            "select year(a.born), month(a.born), day(a.born), extract(week from a.born), a.born + 3 day, a.born - 1 month, cast(a.born as string), format(a.born as 'yyyy-MM-dd') from Author a where a.born is not null order by a.id",
            "select case when b.pages > 200 then 'long' when b.pages > 101 then 'middle' else 'short' end, coalesce(b.summary, 'none'), nullif(b.pages, 101), cast(b.pages as string), cast(b.title as Integer) from Book b where b.pages < 0 order by b.id",
            "select a.name from Author a where a.books is empty", "select a.name from Author a where exists (select 1 from Book b where b.author = a and b.price > 3)", "select b.title from Book b where b.pages > all (select c.pages from Book c where c.author.name = 'Author 1') order by b.title",
            "select a.name from Author a where size(a.books) > 1", "select b.title, t.name from Book b join b.tags t where 'old' in (select x.name from Book y join y.tags x where y = b) order by b.title, t.name", "select a.name, n from Author a join a.nicknames n order by a.name, n",
            "select a.name, key(p), value(p) from Author a join a.phones p order by a.name, key(p)", "select b.title, row_number() over (partition by b.author.id order by b.pages desc), rank() over (order by b.price), sum(b.pages) over (order by b.id rows between unbounded preceding and current row) from Book b order by b.id",
            "select a.address.city, count(*), listagg(a.name, ', ') within group (order by a.name) from Author a group by a.address.city having count(*) > 0 order by 1", "with c as (select b.author.id as i, count(b.id) as n from Book b group by b.author.id) select a.name, c.n from Author a join c on c.i = a.id order by a.name",
            "select b.title from Book b order by b.price desc limit 2 offset 1", "select b.title from Book b union select a.name from Author a order by 1", "select distinct b.pages / 2, b.pages % 3, -b.price, b.price * 2 + 1 from Book b order by 1", "select count(distinct a.address.city) from Author a",
            "select b.title from Book b where b.title ilike 'BOOK%' and not b.title like '%.2' escape '!' and b.pages in (101, 301, 303) order by b.title", "select local date > date 2000-01-01, local datetime is not null, instant is not null from Author a where a.id = 1", "select any_value(b.title) from Book b where b.pages = 101 group by b.pages",
            "select a.name from Author a where a.born < date 1902-06-01 or a.born is null order by a.born nulls last, a.name", "select every(b.pages > 1), any(b.pages > 300) from Book b", "select e.flag, e.mood, e.ordinal from EveryType e where e.flag = true and e.mood in (marmot.apps.Entities$Mood.SAD) order by e.id",
            "select b.title from Book b where (b.pages, b.price) = (101, 1.10) or b.pages is null", "select bit_length('abc'), octet_length('äb'), character_length('äb'), position('b' in 'abc'), overlay('abcdef' placing 'xx' from 2 for 3), reverse('abc'), repeat('ab', 3), hex(e.bytes) from EveryType e where e.code = 'second'",
            "select sin(1), cos(1), atan2(1, 2), exp(1), ln(2), log10(100), degrees(pi), radians(180), truncate(1.29, 1) from Author a where a.id = 1", "select stddev_pop(b.pages), var_samp(b.pages), variance(b.pages) from Book b", "select json_value(e.document, '$.other') from EveryType e where e.code = 'second'"}) {
            transcript.fails(text, () -> factory.inTransaction(session -> session.createQuery(text, Object.class).list().forEach(row -> transcript.say(Transcript.show(row)))));
        }
    }

    private static void criteria(Transcript transcript, SessionFactory factory) {
        factory.inTransaction(session -> {
            CriteriaBuilder builder = session.getCriteriaBuilder();
            CriteriaQuery<Object[]> query = builder.createQuery(Object[].class);
            Root<Author> author = query.from(Author.class);
            jakarta.persistence.criteria.Join<Author, Book> book = author.join("books", JoinType.LEFT);
            query.multiselect(author.get("name"), builder.count(book), builder.coalesce(builder.sum(book.<Integer>get("pages")), 0), builder.concat(author.<Address>get("address").<String>get("city"), "!"), builder.currentDate().isNotNull())
                    .where(builder.or(builder.isNull(author.get("born")), builder.greaterThan(author.<LocalDate>get("born"), LocalDate.of(1900, 1, 1))))
                    .groupBy(author.get("name"), author.<Address>get("address").get("city")).having(builder.ge(builder.count(book), 0L)).orderBy(builder.desc(builder.count(book)), builder.asc(author.get("name")));
            session.createQuery(query).list().forEach(row -> transcript.say(Transcript.show(row)));
            CriteriaQuery<Book> page = builder.createQuery(Book.class);
            Root<Book> root = page.from(Book.class);
            page.select(root).where(root.get("pages").in(101, 301, 303, 999), builder.like(builder.lower(root.get("title")), "book%")).orderBy(builder.asc(root.get("title")));
            for (int n = 0; n < 3; n++) {
                session.createQuery(page).setFirstResult(n).setMaxResults(1).list().forEach(one -> transcript.say(one.title));
            }
            transcript.say(session.createQuery(page).getResultCount());
        });
    }

    private static void inheritance(Transcript transcript, SessionFactory factory) {
        factory.inTransaction(session -> {
            CardPayment card = new CardPayment();
            card.amount = new BigDecimal("10.50");
            card.cardNumber = "4111";
            TransferPayment transfer = new TransferPayment();
            transfer.amount = new BigDecimal("20");
            transfer.account = "DE00";
            Cat cat = new Cat();
            cat.name = "Tom";
            cat.lives = 9;
            Dog dog = new Dog();
            dog.name = "Rex";
            dog.breed = "Poodle";
            Shape shape = new Shape();
            shape.colour = "red";
            Circle circle = new Circle();
            circle.colour = "blue";
            circle.radius = 2.5;
            for (Object one : new Object[] {card, transfer, cat, dog, shape, circle}) {
                session.persist(one);
            }
        });
        for (String text : new String[] {"select type(p), p.amount from Payment p order by p.id", "from Payment p where type(p) = CardPayment", "select p.amount from TransferPayment p", "select a.name, type(a) from Animal a order by a.id", "select c.lives from Cat c", "select treat(a as Dog).breed from Animal a where type(a) = Dog",
            "select s.colour, type(s) from Shape s order by s.colour", "select sum(p.amount) from Payment p"}) {
            transcript.fails(text, () -> factory.inTransaction(session -> session.createQuery(text, Object.class).list().forEach(row -> transcript.say(row instanceof Entities.Payment payment ? payment.amount : Transcript.show(row)))));
        }
        factory.inTransaction(session -> transcript.say(session.createMutationQuery("update Animal set name = upper(name)").executeUpdate() + " " + session.createMutationQuery("delete from Cat").executeUpdate()));
    }

    private static void identifiers(Transcript transcript, SessionFactory factory) {
        factory.inTransaction(session -> {
            for (int i = 0; i < 12; i++) {
                Sequenced one = new Sequenced();
                one.name = "s" + i;
                session.persist(one);
                Tabled two = new Tabled();
                two.name = "t" + i;
                session.persist(two);
                transcript.say(one.id + " " + two.id);
            }
            Identified three = new Identified();
            three.name = "uuid";
            session.persist(three);
            session.flush();
            session.clear();
            transcript.say(session.find(Identified.class, three.id).name);
        });
    }

    private static void batches(Transcript transcript, SessionFactory factory) {
        factory.inTransaction(session -> {
            for (int i = 0; i < 65; i++) {
                Stock stock = new Stock();
                stock.key.warehouse = "w" + i % 3;
                stock.key.article = i;
                stock.amount = i;
                session.persist(stock);
            }
        });
        factory.inTransaction(session -> {
            session.createQuery("from Stock where key.article < 45 order by key.article", Stock.class).list().forEach(stock -> stock.amount += 1000);
            session.flush();
            session.createQuery("from Stock where key.article > 60", Stock.class).list().forEach(session::remove);
        });
        factory.inTransaction(session -> transcript.say(Transcript.show(session.createQuery("select count(*), sum(amount), min(key.warehouse) from Stock", Object[].class).getSingleResult())));
    }

    private static void versions(Transcript transcript, SessionFactory factory) {
        transcript.fails("stale", () -> {
            try (Session one = factory.openSession(); Session two = factory.openSession()) {
                Author first = one.bySimpleNaturalId(Author.class).load("Author 1");
                Author second = two.bySimpleNaturalId(Author.class).load("Author 1");
                one.beginTransaction();
                first.address.city = "Rome";
                one.getTransaction().commit();
                two.beginTransaction();
                second.address.city = "Oslo";
                two.getTransaction().commit();
            }
        });
        factory.inTransaction(session -> transcript.say(session.bySimpleNaturalId(Author.class).load("Author 1").address.city));
    }

    private static void locks(Transcript transcript, SessionFactory factory) {
        for (LockModeType mode : new LockModeType[] {LockModeType.PESSIMISTIC_WRITE, LockModeType.PESSIMISTIC_READ, LockModeType.PESSIMISTIC_FORCE_INCREMENT, LockModeType.OPTIMISTIC, LockModeType.OPTIMISTIC_FORCE_INCREMENT}) {
            transcript.fails(mode.toString(), () -> factory.inTransaction(session -> transcript.say(session.find(Author.class, 1L, mode).name)));
        }
        try (Session one = factory.openSession(); Session two = factory.openSession()) {
            one.beginTransaction();
            one.find(Author.class, 1L, LockModeType.PESSIMISTIC_WRITE);
            for (int timeout : new int[] {0, -2}) {
                transcript.fails("timeout " + timeout, () -> {
                    two.beginTransaction();
                    try {
                        two.createQuery("from Author order by id", Author.class).setLockMode(LockModeType.PESSIMISTIC_WRITE).setHint("jakarta.persistence.lock.timeout", timeout).list().forEach(author -> transcript.say(author.name));
                    } finally {
                        two.getTransaction().rollback();
                    }
                });
            }
            transcript.fails("of one alias", () -> {
                two.beginTransaction();
                try {
                    two.createQuery("select b from Book b join fetch b.author a where b.pages = 301", Book.class).setLockMode("b", org.hibernate.LockMode.PESSIMISTIC_WRITE).list().forEach(book -> transcript.say(book.title));
                } finally {
                    two.getTransaction().rollback();
                }
            });
            one.getTransaction().rollback();
        }
    }

    private static void changes(Transcript transcript, SessionFactory factory) {
        for (String text : new String[] {"update Book set pages = pages + 1, title = concat(title, '!') where author.name = 'Author 3'", "update versioned Author set born = null where name = 'Author 4'", "delete from Book where pages > 303", "insert into Tag (name) values ('one'), ('two')",
            "insert into Tag (name) select concat('of ', a.name) from Author a", "insert into Tag (name) values ('one') on conflict do nothing", "insert into Stock (key.warehouse, key.article, amount, changed) values ('w0', 0, 5, instant) on conflict do update set amount = amount + 50",
            "delete from Stock s where s.amount in (select t.amount from Stock t where t.amount > 1040)"}) {
            transcript.fails(text, () -> factory.inTransaction(session -> transcript.say(session.createMutationQuery(text).executeUpdate())));
        }
        factory.inTransaction(session -> session.createQuery("select name from Tag order by name", String.class).list().forEach(transcript::say));
        factory.inTransaction(session -> transcript.say(session.createQuery("select amount from Stock where key.article = 0", Integer.class).getSingleResult()));
        factory.inTransaction(session -> session.createNativeQuery("SELECT b.*, a.name AS who FROM books b JOIN authors a ON a.id = b.author_id WHERE b.pages < :most ORDER BY b.id", Object[].class).setParameter("most", 1000).list().forEach(row -> transcript.say(Transcript.show(row))));
    }

    private static void streams(Transcript transcript, SessionFactory factory) {
        factory.inTransaction(session -> {
            transcript.say(session.createQuery("from Stock order by key.article", Stock.class).setFetchSize(Integer.MIN_VALUE).getResultStream().mapToInt(stock -> stock.amount).sum());
            try (org.hibernate.ScrollableResults<Stock> results = session.createQuery("from Stock order by key.article", Stock.class).scroll(org.hibernate.ScrollMode.SCROLL_INSENSITIVE)) {
                results.last();
                transcript.say(results.get().key.article + " " + results.getRowNumber());
            }
        });
    }
}
