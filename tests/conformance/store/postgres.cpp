#include <conformance/store/any_store.hpp>

#include <store/postgres/store.hpp>
#include <support/postgres_database.hpp>

namespace conformance_of_stores {

namespace {

class in_postgres : public place {
public:
    std::unique_ptr<store> open(clock_function now) override {
        return std::make_unique<pg_store>(pg_options{.url = url(), .now = std::move(now)});
    }
    bool lasts() const override { return true; }
    bool uses_up_numbers() const override { return true; }
    std::size_t longest_name() const override { return 500; }

protected:
    virtual std::string url() const { return database_.url(); }

    support::postgres_database database_{support::postgres_database::is::migrated};
};

/// By way of PgBouncer, which gives each transaction to another session (D18).
class in_pgbouncer final : public in_postgres {
    std::string url() const override { return database_.pooled_url(); }
};

template <class Place>
std::unique_ptr<place> make() {
    return std::make_unique<Place>();
}

const bool are_added = add_kind_of_store({"postgres", make<in_postgres>}) &&
                       add_kind_of_store({"pgbouncer", make<in_pgbouncer>});

} // namespace

} // namespace conformance_of_stores
