// Asks an HTTP server the same kind of question over and over: each connection sends its next request as soon as its
// answer is complete. One thread, exact counts, every answer's status looked at. For what it takes, see usage().
#include <array>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <sstream>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "benchmark/tool.hpp"

namespace onboard::benchmark {

namespace {

constexpr std::string_view usage = R"(load --port N [options]: a closed loop of HTTP requests

  --connections N     at once (1)
  --seconds S         how long requests are sent (none: until --count or the variables are used up)
  --count N           how many requests at most
  --method M          (GET)
  --path TEXT         (/)
  --header TEXT       "Name: value"; may be repeated
  --body TEXT
  --first N           the number of the first person; the next request is about the next one (1)
  --people N          each request is about one of the first N people instead, in an order of their own
  --variables FILE    each request gets a line; its columns, parted by tabs, are {1}, {2} and so on
  --skip N            begins behind so many of those lines
  --reuse 1           begins again after the last line
  --expect LIST       statuses that are in order, parted by commas (200)
  --after TEXT        captures what stands in the answer behind this
  --until LETTERS     and before the first of these (")
  --save FILE         where captured text goes, a line each
  --line TEXT         what such a line looks like ({captured})
  --answer FILE       where the first answer goes, as it came

Texts may hold {i}, the person's number; {email} and {phone}, theirs; {turn}, the request's number; {1}, a variable;
and {repeat N} ... {end}, about N people, with commas in between.
Ends with 1, and the first such answer, if any answer was not in order.)";

std::vector<std::string> split(std::string const& text, char at)
{
    std::vector<std::string> parts;
    std::stringstream stream(text);
    for (std::string part; std::getline(stream, part, at);)
        parts.push_back(part);
    return parts;
}

std::vector<std::string> lines_of(std::string const& path)
{
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);)
        lines.push_back(line);
    if (lines.empty())
        throw std::invalid_argument(path + " has no lines");
    return lines;
}

// Which person the n-th mention of anybody is about.
class People {
public:
    explicit People(Options const& options) : first_(options.number("first", 1)), known_(options.number("people", 0))
    {
    }

    std::int64_t at(std::int64_t mention) const
    {
        return known_ > 0 ? somebody_of(known_, first_ + mention) : first_ + mention;
    }

private:
    std::int64_t first_;
    std::int64_t known_;
};

// What a text is filled in with.
struct Turn {
    std::int64_t number = 0;
    std::int64_t mention = 0;  // the first of this turn
    std::string_view line = {};
    std::string_view captured = {};
};

// A text with placeholders, taken apart once.
class Template {
public:
    explicit Template(std::string_view text) { parse(text, pieces_); }

    void fill(std::string& out, Turn const& turn, People const& people) const
    {
        fill(pieces_, out, turn, people, turn.mention);
    }

    // How many people one turn mentions.
    std::int64_t mentions() const
    {
        std::int64_t most = 1;
        for (auto const& piece : pieces_)
            most = std::max(most, piece.times);
        return most;
    }

private:
    enum class Kind : std::uint8_t { text, number, email, phone, turn, column, captured, repeat };

    struct Piece {
        Kind kind = Kind::text;
        std::string text = {};
        std::size_t column = 0;
        std::int64_t times = 1;
        std::vector<Piece> inner = {};
    };

    // Reads up to {end} or the end of the text, and returns what is left.
    static std::string_view parse(std::string_view text, std::vector<Piece>& pieces)
    {
        constexpr std::string_view repeat = "{repeat ";
        constexpr std::string_view end = "{end}";
        while (!text.empty()) {
            auto const close = text.find('}');
            if (text.front() == '{' && close != std::string_view::npos) {
                if (text.starts_with(end))
                    return text.substr(end.size());
                if (text.starts_with(repeat)) {
                    Piece piece{.kind = Kind::repeat};
                    piece.times = std::stoll(std::string(text.substr(repeat.size(), close - repeat.size())));
                    text = parse(text.substr(close + 1), piece.inner);
                    pieces.push_back(std::move(piece));
                    continue;
                }
                if (auto piece = placeholder(text.substr(1, close - 1))) {
                    pieces.push_back(std::move(*piece));
                    text.remove_prefix(close + 1);
                    continue;
                }
            }
            if (pieces.empty() || pieces.back().kind != Kind::text)
                pieces.emplace_back();
            pieces.back().text += text.front();
            text.remove_prefix(1);
        }
        return text;
    }

    static std::optional<Piece> placeholder(std::string_view name)
    {
        static std::map<std::string_view, Kind> const kinds{
            {"i", Kind::number},
            {"email", Kind::email},
            {"phone", Kind::phone},
            {"turn", Kind::turn},
            {"captured", Kind::captured}};
        if (auto const found = kinds.find(name); found != kinds.end())
            return Piece{.kind = found->second};
        if (name.size() == 1 && name.front() >= '1' && name.front() <= '9')
            return Piece{.kind = Kind::column, .column = static_cast<std::size_t>(name.front() - '1')};
        return std::nullopt;
    }

    static void fill(
        std::vector<Piece> const& pieces, std::string& out, Turn const& turn, People const& people,
        std::int64_t mention)
    {
        for (auto const& piece : pieces) {
            switch (piece.kind) {
            case Kind::text: out += piece.text; break;
            case Kind::number: out += std::to_string(people.at(mention)); break;
            case Kind::email: out += address_of(people.at(mention)); break;
            case Kind::phone: out += phone_of(people.at(mention)); break;
            case Kind::turn: out += std::to_string(turn.number); break;
            case Kind::captured: out += turn.captured; break;
            case Kind::column: out += column(turn.line, piece.column); break;
            case Kind::repeat:
                for (std::int64_t copy = 0; copy < piece.times; ++copy) {
                    if (copy > 0)
                        out += ',';
                    fill(piece.inner, out, turn, people, mention + copy);
                }
                break;
            }
        }
    }

    static std::string_view column(std::string_view line, std::size_t number)
    {
        for (; number > 0; --number) {
            auto const tab = line.find('\t');
            line = tab == std::string_view::npos ? std::string_view() : line.substr(tab + 1);
        }
        return line.substr(0, line.find('\t'));
    }

    std::vector<Piece> pieces_;
};

// The requests of one run, one after the other.
class Requests {
public:
    explicit Requests(Options const& options)
        : people_(options),
          method_(options.text("method", "GET")),
          path_(options.text("path", "/")),
          headers_(headers_in(options)),
          body_(options.text("body", "")),
          line_(options.text("line", "{captured}")),
          skip_(options.number("skip", 0)),
          reuse_(options.has("reuse")),
          count_(options.number("count", INT64_MAX))
    {
        if (options.has("variables"))
            lines_ = lines_of(options.text("variables"));
        if (!lines_.empty() && !reuse_)
            count_ = std::min(count_, static_cast<std::int64_t>(lines_.size()) - skip_);
        mentions_ = std::max({path_.mentions(), headers_.mentions(), body_.mentions()});
    }

    std::int64_t count() const { return count_; }

    void write(std::int64_t number, std::string& out)
    {
        auto const now = turn(number);
        body_text_.clear();
        body_.fill(body_text_, now, people_);
        out.clear();
        out += method_;
        out += ' ';
        path_.fill(out, now, people_);
        out += " HTTP/1.1\r\nHost: localhost\r\n";
        headers_.fill(out, now, people_);
        if (method_ != "GET") {
            out += "Content-Length: ";
            out += std::to_string(body_text_.size());
            out += "\r\n";
        }
        out += "\r\n";
        out += body_text_;
    }

    std::string saved_line(std::int64_t number, std::string_view captured) const
    {
        auto now = turn(number);
        now.captured = captured;
        std::string text;
        line_.fill(text, now, people_);
        return text;
    }

private:
    static std::string headers_in(Options const& options)
    {
        std::string headers;
        for (auto const& header : options.all("header"))
            headers += header + "\r\n";
        return headers;
    }

    Turn turn(std::int64_t number) const
    {
        Turn now{.number = number, .mention = number * mentions_};
        if (!lines_.empty())
            now.line = lines_[static_cast<std::size_t>(skip_ + number) % lines_.size()];
        return now;
    }

    People people_;
    std::string method_;
    Template path_;
    Template headers_;
    Template body_;
    Template line_;
    std::vector<std::string> lines_;
    std::int64_t skip_;
    bool reuse_;
    std::int64_t count_;
    std::int64_t mentions_ = 1;
    std::string body_text_;
};

// One answer at the beginning of some bytes, if it is complete.
struct Answer {
    int status = 0;
    std::size_t size = 0;
    bool closes = false;

    static std::optional<Answer> in(std::string_view bytes)
    {
        auto const head_end = bytes.find("\r\n\r\n");
        if (head_end == std::string_view::npos)
            return std::nullopt;
        constexpr std::size_t status_at = 9;  // behind "HTTP/1.1 "
        Answer answer{.status = std::atoi(bytes.data() + status_at)};
        std::size_t length = 0;
        auto head = bytes.substr(0, head_end + 2);
        for (head.remove_prefix(head.find("\r\n") + 2); !head.empty(); head.remove_prefix(head.find("\r\n") + 2)) {
            if (auto const value = value_of(head, "content-length:"))
                length = std::strtoul(value->data(), nullptr, 10);
            else if (auto const options = value_of(head, "connection:"))
                answer.closes = options->starts_with("close");
            else if (value_of(head, "transfer-encoding:"))
                return chunked(bytes, head_end + 4, answer);
        }
        answer.size = head_end + 4 + length;
        return bytes.size() < answer.size ? std::nullopt : std::optional(answer);
    }

private:
    static std::optional<std::string_view> value_of(std::string_view line, std::string_view name)
    {
        if (line.size() < name.size() || ::strncasecmp(line.data(), name.data(), name.size()) != 0)
            return std::nullopt;
        line.remove_prefix(name.size());
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        return line;
    }

    static std::optional<Answer> chunked(std::string_view bytes, std::size_t at, Answer answer)
    {
        constexpr int hexadecimal = 16;
        for (;;) {
            auto const line_end = bytes.find("\r\n", at);
            if (line_end == std::string_view::npos)
                return std::nullopt;
            auto const size = std::strtoul(bytes.data() + at, nullptr, hexadecimal);
            at = line_end + 2 + size + 2;
            if (bytes.size() < at)
                return std::nullopt;
            if (size == 0) {
                answer.size = at;
                return answer;
            }
        }
    }
};

struct Connection {
    int socket = -1;
    std::int64_t turn = -1;  // -1 while nothing is asked
    std::string out;
    std::size_t sent = 0;
    std::string in;
    Clock::time_point asked{};
    bool waits_to_send = false;
};

[[noreturn]] void fail(std::string const& what)
{
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

class Load {
public:
    explicit Load(Options const& options)
        : port_(static_cast<std::uint16_t>(options.number("port", 0))),
          requests_(options),
          seconds_(options.seconds("seconds", 1e9)),
          after_(options.text("after", "")),
          until_(options.text("until", "\"")),
          poll_(::epoll_create1(0)),
          connections_(static_cast<std::size_t>(options.number("connections", 1)))
    {
        for (auto const& status : split(options.text("expect", "200"), ','))
            expected_.insert(std::stoi(status));
        if (options.has("save"))
            saved_.open(options.text("save"));
        if (options.has("answer"))
            answer_.open(options.text("answer"));
        if (!options.has("seconds") && requests_.count() == INT64_MAX)
            throw std::invalid_argument("one of --seconds, --count and --variables is needed");
        rlimit files{};
        ::getrlimit(RLIMIT_NOFILE, &files);
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
    }

    int run()
    {
        for (auto& connection : connections_)
            dial(connection);
        auto const own_time = own_processor_time();
        began_ = Clock::now();
        for (auto& connection : connections_)
            ask(connection);

        constexpr std::size_t most_events = 256;
        constexpr int patience = 30'000;
        std::array<epoll_event, most_events> events{};
        while (under_way_ > 0) {
            auto const ready = ::epoll_wait(poll_, events.data(), events.size(), patience);
            if (ready == 0)
                throw std::runtime_error("no answer for 30 seconds");
            for (int at = 0; at < ready; ++at)
                serve(*static_cast<Connection*>(events[static_cast<std::size_t>(at)].data.ptr));
        }
        ended_ = Clock::now();
        report(own_processor_time() - own_time);
        if (first_surprise_.empty())
            return 0;
        std::cerr << "unexpected: " << first_surprise_ << '\n';
        return 1;
    }

private:
    void dial(Connection& connection)
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port_);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connection.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connection.socket < 0 ||
            ::connect(connection.socket, reinterpret_cast<sockaddr const*>(&address), sizeof(address)) != 0)
            fail("cannot connect");
        int const yes = 1;
        ::setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
        ::fcntl(connection.socket, F_SETFL, O_NONBLOCK);
        watch(connection, EPOLL_CTL_ADD, EPOLLIN);
        connection.in.clear();
    }

    void watch(Connection& connection, int operation, std::uint32_t events)
    {
        epoll_event event{};
        event.events = events;
        event.data.ptr = &connection;
        if (::epoll_ctl(poll_, operation, connection.socket, &event) != 0)
            fail("cannot wait for a connection");
    }

    void redial(Connection& connection)
    {
        ::close(connection.socket);
        ++redialled_;
        connection.waits_to_send = false;
        dial(connection);
    }

    // Sends the next request, if there is one left.
    void ask(Connection& connection)
    {
        connection.turn = -1;
        if (asked_ >= requests_.count() || seconds_since(began_) >= seconds_)
            return;
        connection.turn = asked_++;
        ++under_way_;
        requests_.write(connection.turn, connection.out);
        connection.sent = 0;
        connection.asked = Clock::now();
        send(connection);
    }

    void send(Connection& connection)
    {
        while (connection.sent < connection.out.size()) {
            auto const count = ::send(
                connection.socket, connection.out.data() + connection.sent, connection.out.size() - connection.sent,
                MSG_NOSIGNAL);
            if (count < 0)
                break;  // full, or broken, which the next read will tell
            connection.sent += static_cast<std::size_t>(count);
        }
        auto const waits = connection.sent < connection.out.size();
        if (waits != connection.waits_to_send)
            watch(connection, EPOLL_CTL_MOD, waits ? EPOLLIN | EPOLLOUT : EPOLLIN);
        connection.waits_to_send = waits;
    }

    void serve(Connection& connection)
    {
        if (connection.waits_to_send)
            send(connection);
        bool ended = false;
        for (;;) {
            auto const count = ::recv(connection.socket, buffer_.data(), buffer_.size(), 0);
            if (count > 0) {
                connection.in.append(buffer_.data(), static_cast<std::size_t>(count));
                if (static_cast<std::size_t>(count) < buffer_.size())
                    break;
                continue;
            }
            ended = count == 0 || errno != EAGAIN;
            break;
        }
        if (connection.turn < 0) {
            if (ended)
                redial(connection);
            return;
        }
        if (auto const answer = Answer::in(connection.in)) {
            take(connection, *answer);
            if (answer->closes || ended)
                redial(connection);
            ask(connection);
        } else if (ended) {
            surprise("the connection was closed without an answer; " + connection.in);
            ++statuses_[0];
            --under_way_;
            redial(connection);
            ask(connection);
        }
    }

    void take(Connection& connection, Answer const& answer)
    {
        latencies_.push_back(seconds_since(connection.asked));
        --under_way_;
        ++statuses_[answer.status];
        std::string_view const text(connection.in.data(), answer.size);
        if (answer_.is_open()) {
            answer_ << text;
            answer_.close();
        }
        if (!expected_.contains(answer.status))
            surprise(text);
        else if (!after_.empty() && answer.status < 400)
            capture(connection.turn, text);
        connection.in.erase(0, answer.size);
    }

    void capture(std::int64_t turn, std::string_view text)
    {
        auto const before = text.find(after_);
        if (before == std::string_view::npos)
            return surprise(text);
        auto const begin = before + after_.size();
        auto const end = text.find_first_of(until_, begin);
        if (saved_.is_open())
            saved_ << requests_.saved_line(turn, text.substr(begin, end - begin)) << '\n';
        ++captured_;
    }

    void surprise(std::string_view what)
    {
        constexpr std::size_t enough = 800;
        if (first_surprise_.empty())
            first_surprise_ = what.substr(0, enough);
        ++surprises_;
    }

    void report(double own_time)
    {
        constexpr double milli = 1e3;
        constexpr double micro = 1e6;
        auto const count = static_cast<double>(latencies_.size());
        auto const elapsed = std::chrono::duration<double>(ended_ - began_).count();
        Report report;
        report.add("answers", static_cast<std::int64_t>(latencies_.size()));
        report.add("unexpected", surprises_);
        report.add("seconds", elapsed);
        report.add("rate", count / elapsed);
        report.add("p50_ms", quantile(latencies_, 0.5) * milli);
        report.add("p90_ms", quantile(latencies_, 0.9) * milli);
        report.add("p99_ms", quantile(latencies_, 0.99) * milli);
        report.add("max_ms", quantile(latencies_, 1) * milli);
        report.add("client_us", own_time * micro / std::max(count, 1.0));
        report.add("captured", captured_);
        report.add("redialled", redialled_);
        std::string statuses;
        for (auto const& [status, times] : statuses_)
            statuses += (statuses.empty() ? "{\"" : ", \"") + std::to_string(status) + "\": " + std::to_string(times);
        report.raw("statuses", statuses.empty() ? "{}" : statuses + "}");
        report.print();
    }

    std::uint16_t port_;
    Requests requests_;
    double seconds_;
    std::string after_;
    std::string until_;
    std::set<int> expected_;
    std::ofstream saved_;
    std::ofstream answer_;

    int poll_;
    std::vector<Connection> connections_;
    std::array<char, 65536> buffer_{};
    Clock::time_point began_{};
    Clock::time_point ended_{};
    std::int64_t asked_ = 0;
    std::int64_t under_way_ = 0;
    std::int64_t captured_ = 0;
    std::int64_t redialled_ = 0;
    std::int64_t surprises_ = 0;
    std::vector<double> latencies_;
    std::map<int, std::int64_t> statuses_;
    std::string first_surprise_;
};

}

}

int main(int argc, char** argv)
{
    using namespace onboard::benchmark;
    if (argc < 2) {
        std::cerr << usage << '\n';
        return 2;
    }
    return run(argc, argv, [](Options const& options) { return std::make_unique<Load>(options)->run(); });
}
