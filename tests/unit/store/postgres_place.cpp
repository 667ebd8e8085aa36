#include <store/postgres/place.hpp>

#include <string>

#include <cicada/store/errors.hpp>
#include <gtest/gtest.h>

using namespace cicada;
using detail::place_of;

TEST(postgres_place, is_without_password_and_options) {
    EXPECT_EQ(place_of("postgresql://app:secret@db:5433/jobs?sslmode=require"),
              "postgresql://app@db:5433/jobs");
    EXPECT_EQ(place_of("postgres://db/jobs?password=secret&sslpassword=secret"),
              "postgresql://db/jobs");
    EXPECT_EQ(place_of("postgresql://db"), "postgresql://db");
    EXPECT_EQ(place_of("postgresql://"), "postgresql://");
}

TEST(postgres_place, may_have_a_password_with_all_characters) {
    EXPECT_EQ(place_of("postgresql://app:a%40b%2Fc%3Ad@db/jobs"), "postgresql://app@db/jobs");
    EXPECT_EQ(place_of("postgresql://app:a?b:c@db/jobs"), "postgresql://app@db/jobs");
    EXPECT_EQ(place_of("postgresql://db/jobs?user=app&password=a@b/c"), "postgresql://app@db/jobs");
}

TEST(postgres_place, has_all_hosts) {
    EXPECT_EQ(place_of("postgresql://app:secret@a:1,b:2/jobs?target_session_attrs=any"),
              "postgresql://app@a:1,b:2/jobs");
    EXPECT_EQ(place_of("postgresql:///jobs?host=/run/postgresql"),
              "postgresql:///run/postgresql/jobs");
    EXPECT_EQ(place_of("postgresql:///jobs?hostaddr=10.0.0.1"), "postgresql://10.0.0.1/jobs");
}

TEST(postgres_place, of_what_is_no_url_is_refused_without_a_word_of_its_password) {
    for (const char* const url :
         {"postgresql://app:secret@[::1/jobs", "postgresql://app:more@secret@db/jobs",
          "postgresql://app:more/secret@db/jobs", "postgresql:app:secret@db/jobs",
          "postgresql://app:secret@[::1]x/jobs", "postgresql://app:\": \"secret%zz@db/jobs",
          "postgresql://app:secret@db/jobs?nonsense=secret", "postgresql://app:secret%zz@db/jobs",
          "postgresql://app:secret@db/jobs?sslmode", "postgresql://db/jobs?password=secret&x=1",
          "postgresql://app:secret%00@db/jobs", "postgresql://app@db/jobs?password=secret=more",
          "postgresql://db/jobs?password=secret%zz", "postgresql://app:secret@db/jobs?secret=1",
          "postgresql://db/jobs?passwrd=secret", "host=db password=secret nonsense=1",
          "host=db password='secret"}) {
        SCOPED_TRACE(url);
        try {
            place_of(url);
            ADD_FAILURE() << "it is taken";
        } catch (const store_error& e) {
            EXPECT_EQ(e.fault(), store_fault::bad_url);
            const std::string what = e.what();
            EXPECT_EQ(what.find("secret"), std::string::npos) << what;
            EXPECT_NE(what.find("is not a URL of PostgreSQL"), std::string::npos) << what;
        }
    }
}
