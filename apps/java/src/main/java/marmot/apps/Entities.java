package marmot.apps;

import jakarta.persistence.Basic;
import jakarta.persistence.CascadeType;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.Column;
import jakarta.persistence.DiscriminatorColumn;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Embeddable;
import jakarta.persistence.Embedded;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.FetchType;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Index;
import jakarta.persistence.Inheritance;
import jakarta.persistence.InheritanceType;
import jakarta.persistence.JoinTable;
import jakarta.persistence.Lob;
import jakarta.persistence.ManyToMany;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.MapKeyColumn;
import jakarta.persistence.OneToMany;
import jakarta.persistence.OrderColumn;
import jakarta.persistence.SequenceGenerator;
import jakarta.persistence.Table;
import jakarta.persistence.TableGenerator;
import jakarta.persistence.UniqueConstraint;
import jakarta.persistence.Version;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.hibernate.annotations.ColumnDefault;
import org.hibernate.annotations.CreationTimestamp;
import org.hibernate.annotations.Formula;
import org.hibernate.annotations.Generated;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.annotations.NaturalId;
import org.hibernate.annotations.UpdateTimestamp;
import org.hibernate.type.SqlTypes;

/** Entities with what Hibernate can map. */
final class Entities {
    static final Class<?>[] ALL = {EveryType.class, Author.class, Book.class, Tag.class, Payment.class, CardPayment.class, TransferPayment.class, Animal.class, Cat.class, Dog.class,
        Shape.class, Circle.class, Stock.class, Sequenced.class, Tabled.class, Identified.class};

    private Entities() {
    }

    enum Mood { GLAD, SAD, NEITHER }

    @Entity(name = "EveryType")
    @Table(name = "every_type")
    static class EveryType {
        @Id @GeneratedValue(strategy = GenerationType.IDENTITY) Long id;
        boolean flag;
        Byte tiny;
        Short small;
        Integer whole;
        Long large;
        Float single;
        Double real;
        @Column(precision = 12, scale = 3) BigDecimal money;
        BigInteger huge;
        Character letter;
        String text;
        @Column(length = 40, nullable = false, unique = true) String code;
        @Column(length = 100_000) String longer;
        @Lob String clob;
        @Lob byte[] photo;
        @Column(length = 20) byte[] bytes;
        LocalDate day;
        LocalTime hour;
        LocalDateTime moment;
        Instant instant;
        OffsetDateTime offset;
        @Column(precision = 3) LocalDateTime millis;
        Duration duration;
        UUID uuid;
        @JdbcTypeCode(SqlTypes.CHAR) UUID uuidText;
        @Enumerated(EnumType.STRING) Mood mood;
        @Enumerated Mood ordinal;
        @JdbcTypeCode(SqlTypes.JSON) Map<String, String> document;
        java.util.Date legacy;
        @CreationTimestamp Instant created;
        @UpdateTimestamp Instant updated;
        @ColumnDefault("7") @Generated Integer defaulted;
        @Column(columnDefinition = "VARCHAR(50) GENERATED ALWAYS AS (CONCAT(code, '!')) STORED", insertable = false, updatable = false) @Generated(event = {org.hibernate.generator.EventType.INSERT, org.hibernate.generator.EventType.UPDATE}) String derived;
        @Version int version;
    }

    @Entity(name = "Author")
    @Table(name = "authors", indexes = {@Index(name = "author_by_name", columnList = "name, born DESC")})
    static class Author {
        @Id @GeneratedValue(strategy = GenerationType.IDENTITY) Long id;
        @NaturalId @Column(length = 60) String name;
        LocalDate born;
        @Embedded Address address = new Address();
        @OneToMany(mappedBy = "author", cascade = CascadeType.ALL, orphanRemoval = true) List<Book> books = new ArrayList<>();
        @ElementCollection @CollectionTable(name = "author_nicknames") @OrderColumn(name = "place") List<String> nicknames = new ArrayList<>();
        @ElementCollection @MapKeyColumn(name = "kind") @Column(name = "number") Map<String, String> phones = new HashMap<>();
        @Formula("(SELECT COUNT(*) FROM books b WHERE b.author_id = id)") int bookCount;
        @Version Integer version;
    }

    @Embeddable
    static class Address {
        String street;
        @Column(length = 60) String city;
    }

    @Entity(name = "Book")
    @Table(name = "books", uniqueConstraints = @UniqueConstraint(name = "book_title", columnNames = {"title", "author_id"}))
    static class Book {
        @Id @GeneratedValue(strategy = GenerationType.IDENTITY) Long id;
        @Column(length = 120) String title;
        @Basic(fetch = FetchType.LAZY) @Lob String summary;
        Integer pages;
        BigDecimal price;
        @ManyToOne(fetch = FetchType.LAZY) Author author;
        @ManyToMany(cascade = CascadeType.PERSIST) @JoinTable(name = "book_tags") Set<Tag> tags = new HashSet<>();
    }

    @Entity(name = "Tag")
    @Table(name = "tags")
    static class Tag {
        @Id @Column(length = 30) String name;

        Tag() {
        }

        Tag(String name) {
            this.name = name;
        }
    }

    @Entity(name = "Payment")
    @Inheritance(strategy = InheritanceType.SINGLE_TABLE)
    @DiscriminatorColumn(name = "kind")
    abstract static class Payment {
        @Id @GeneratedValue(strategy = GenerationType.IDENTITY) Long id;
        BigDecimal amount;
    }

    @Entity(name = "CardPayment")
    static class CardPayment extends Payment {
        String cardNumber;
    }

    @Entity(name = "TransferPayment")
    static class TransferPayment extends Payment {
        String account;
    }

    @Entity(name = "Animal")
    @Inheritance(strategy = InheritanceType.JOINED)
    static class Animal {
        @Id @GeneratedValue(strategy = GenerationType.IDENTITY) Long id;
        String name;
    }

    @Entity(name = "Cat")
    static class Cat extends Animal {
        int lives;
    }

    @Entity(name = "Dog")
    static class Dog extends Animal {
        String breed;
    }

    @Entity(name = "Shape")
    @Inheritance(strategy = InheritanceType.TABLE_PER_CLASS)
    static class Shape {
        @Id @GeneratedValue(strategy = GenerationType.TABLE) Long id;
        String colour;
    }

    @Entity(name = "Circle")
    static class Circle extends Shape {
        double radius;
    }

    @Embeddable
    static class StockKey implements java.io.Serializable {
        @Column(length = 20) String warehouse;
        int article;

        @Override
        public boolean equals(Object other) {
            return other instanceof StockKey key && key.article == article && key.warehouse.equals(warehouse);
        }

        @Override
        public int hashCode() {
            return warehouse.hashCode() + article;
        }
    }

    @Entity(name = "Stock")
    static class Stock {
        @EmbeddedId StockKey key = new StockKey();
        int amount;
        @Version Instant changed;
    }

    @Entity(name = "Sequenced")
    static class Sequenced {
        @Id @GeneratedValue(strategy = GenerationType.SEQUENCE, generator = "numbers") @SequenceGenerator(name = "numbers", sequenceName = "numbers_seq", allocationSize = 5) Long id;
        String name;
    }

    @Entity(name = "Tabled")
    static class Tabled {
        @Id @GeneratedValue(strategy = GenerationType.TABLE, generator = "table_numbers") @TableGenerator(name = "table_numbers", table = "all_numbers", allocationSize = 3) Integer id;
        String name;
    }

    @Entity(name = "Identified")
    static class Identified {
        @Id @GeneratedValue UUID id;
        String name;
    }
}
