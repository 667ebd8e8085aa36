#include <jobs/thread_link.hpp>

#include <utility>

namespace cicada::detail {

template <class What>
void thread_link::queue<What>::push(std::shared_ptr<What> one) {
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(one));
        if (waiting_.size() > 1) return; // who takes one takes all
    }
    changed_.notify_one();
}

template <class What>
std::vector<std::shared_ptr<What>> thread_link::queue<What>::take_all() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_closed_ || !waiting_.empty(); });
    return std::exchange(waiting_, {});
}

template <class What>
void thread_link::queue<What>::close() {
    {
        const std::lock_guard lock(mutex_);
        is_closed_ = true;
    }
    changed_.notify_one();
}

thread_link::thread_link(store& to, function<wall_time()> clock)
    : to_(to), clock_(std::move(clock)), writer_([this] { write_all(); }) {
    try {
        reader_ = std::thread([this] { read_all(); });
    } catch (...) {
        errands_.close();
        writer_.join();
        throw;
    }
}

thread_link::~thread_link() {
    errands_.close();
    questions_.close();
    writer_.join();
    reader_.join();
}

void thread_link::carry(std::shared_ptr<errand> what) { errands_.push(std::move(what)); }

void thread_link::carry_reading(std::shared_ptr<question> what) {
    questions_.push(std::move(what));
}

void thread_link::write_all() {
    std::vector<part*> parts;
    for (;;) {
        const auto all = errands_.take_all(); // which goes before the next are waited for
        if (all.empty()) return;
        std::exception_ptr failed;
        try {
            parts.clear();
            for (const auto& one : all) parts.push_back(one.get());
            to_.write(parts);
        } catch (...) {
            failed = std::current_exception();
        }
        for (const auto& one : all) {
            if (!one->error) one->error = failed; // else it had undone itself before that
            one->over();
        }
    }
}

void thread_link::read_all() {
    for (;;) {
        const auto all = questions_.take_all();
        if (all.empty()) return;
        for (const auto& one : all) {
            try {
                to_.read([&](reading& in) { one->ask(in); });
            } catch (...) {
                one->error = std::current_exception();
            }
            one->over();
        }
    }
}

} // namespace cicada::detail
