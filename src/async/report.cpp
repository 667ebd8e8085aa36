#include <async/report.hpp>

#include <cstdio>
#include <cstdlib>
#include <cxxabi.h>
#include <memory>
#include <typeinfo>

namespace cicada::detail {

namespace {
constexpr const char* unnamed = "an unnamed task (give it {.name = \"...\"} where it is started)";
} // namespace

std::string describe(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        const char* mangled = abi::__cxa_current_exception_type()->name();
        int status = 0;
        const std::unique_ptr<char, void (*)(void*)> name(
            abi::__cxa_demangle(mangled, nullptr, nullptr, &status), std::free);
        return std::string("it threw a value of type ") + (status == 0 ? name.get() : mangled);
    }
}

std::string label_of(std::string_view task) {
    return task.empty() ? unnamed : "task '" + std::string(task) + "'";
}

void print_about(std::string_view task, const char* what) noexcept {
    if (task.empty()) {
        std::fprintf(stderr, "cicada: %s %s\n", unnamed, what);
    } else {
        std::fprintf(stderr, "cicada: task '%.*s' %s\n", static_cast<int>(task.size()), task.data(),
                     what);
    }
}

void report_to_stderr(std::string_view task, const std::exception_ptr& error) noexcept {
    try {
        print_about(task, ("failed: " + describe(error)).c_str());
    } catch (...) {
        print_about(task, "failed, and there is no memory to say how");
    }
}

} // namespace cicada::detail
