#pragma once
/// Every key of vedette.yaml. The names are promises; the sentences become its documentation.

#include "server/setting.hpp"

namespace vedette::server::keys {

using Milliseconds = std::chrono::milliseconds;
using Texts = std::vector<std::string>;
using MaybeText = std::optional<std::string>;

// clang-format off
inline const Setting<std::string> http_listen{{
    .path = "http.listen", .kind = Kind::address, .fallback = "127.0.0.1:6699",
    .about = "Address of the API, the live page and every other HTTP door; 0.0.0.0 opens it to the network"}};
inline const Setting<MaybeText> http_public_url{{
    .path = "http.public_url", .about = "What links in answers begin with; null: http://<listen>", .nullable = true}};
inline const Setting<Texts> http_origins{{
    .path = "http.origins", .kind = Kind::texts, .fallback = "[]",
    .about = "Foreign browser origins that are let in, such as https://intranet.example"}};
inline const Setting<MaybeText> http_tls_cert{{
    .path = "http.tls.cert", .kind = Kind::path, .about = "Certificate chain, PEM", .nullable = true, .later = true}};
inline const Setting<MaybeText> http_tls_key{{
    .path = "http.tls.key", .kind = Kind::path, .about = "Private key, PEM", .nullable = true, .later = true}};
inline const Setting<MaybeText> http_ws_echo{{
    .path = "http.ws_echo", .about = "A path that echoes WebSocket messages, for conformance tests only", .nullable = true}};
inline const Setting<std::size_t> http_threads{{
    .path = "http.threads", .kind = Kind::integer, .fallback = "0",
    .about = "Threads that serve connections; 0: one for every four cores", .least = 0, .most = 64}};

inline const Setting<std::string> data{{
    .path = "data", .kind = Kind::path, .fallback = "./data",
    .about = "The only folder written to: store, pictures, keys, scratch"}};
inline const Setting<std::string> time_zone{{
    .path = "time_zone", .kind = Kind::zone, .fallback = "system",
    .about = "For what devices are told and what their clocks mean; an IANA name, or system"}};

inline const Setting<std::string> log_level{{
    .path = "log.level", .fallback = "info", .about = "The least severe message that is logged",
    .one_of = {"trace", "debug", "info", "warn", "error", "off"}}};
inline const Setting<std::string> log_format{{
    .path = "log.format", .fallback = "text", .about = "How a log line is written", .one_of = {"text", "json"}}};

inline const Setting<std::string> auth_mode{{
    .path = "auth.mode", .fallback = "auto",
    .about = "Who needs a key; auto: nobody while http.listen is a loopback address, else everybody",
    .one_of = {"auto", "required", "none"}}};
inline const Setting<MaybeText> auth_jwt_secret{{
    .path = "auth.jwt_secret", .about = "Key that signs tokens; null: made on first start and kept in data/secrets",
    .nullable = true, .secret = true}};

inline const Setting<std::size_t> limits_body{{
    .path = "limits.body", .kind = Kind::size, .fallback = "16MiB", .about = "Largest request body",
    .least = 1024, .most = 1073741824.0}};
inline const Setting<std::int64_t> limits_pixels{{
    .path = "limits.pixels", .kind = Kind::integer, .fallback = "64000000", .about = "Largest picture, width x height",
    .unit = "px", .least = 1, .most = 1000000000.0}};
inline const Setting<std::int64_t> limits_json_depth{{
    .path = "limits.json_depth", .kind = Kind::integer, .fallback = "64", .about = "Deepest nesting of JSON",
    .least = 8, .most = 256}};
inline const Setting<std::size_t> limits_connections{{
    .path = "limits.connections", .kind = Kind::integer, .fallback = "20000", .about = "Most connections at once",
    .least = 1, .most = 1000000}};
inline const Setting<std::size_t> limits_queue{{
    .path = "limits.queue", .kind = Kind::integer, .fallback = "256",
    .about = "Requests that may wait for a free core; over it the answer is 503", .least = 1, .most = 100000}};

inline const Setting<std::string> faces_detector{{
    .path = "faces.detector", .fallback = "yunet", .about = "Network that finds faces", .one_of = {"yunet"}}};
inline const Setting<std::string> faces_embedder{{
    .path = "faces.embedder", .fallback = "dlib-resnet", .about = "Network that tells faces apart",
    .one_of = {"dlib-resnet", "fr_feature"}}};
inline const Setting<double> faces_threshold{{
    .path = "faces.threshold", .kind = Kind::real, .fallback = "0.5",
    .about = "Similarity from which a face is that person", .least = 0, .most = 1}};
inline const Setting<std::int64_t> faces_det_size{{
    .path = "faces.det_size", .kind = Kind::integer, .fallback = "640",
    .about = "Longer side of what the detector sees", .unit = "px", .least = 320, .most = 1920}};
inline const Setting<MaybeText> faces_models{{
    .path = "faces.models", .kind = Kind::path, .about = "Folder of the .onnx files; null: beside the program",
    .nullable = true}};
inline const Setting<double> faces_eyes_apart{{
    .path = "faces.enrol.eyes_apart", .kind = Kind::real, .fallback = "24",
    .about = "Distance of the eyes under which a photo is refused as small", .unit = "px", .least = 0, .most = 1000}};
inline const Setting<double> faces_second_face{{
    .path = "faces.enrol.second_face", .kind = Kind::real, .fallback = "0.5",
    .about = "Part of the first face's side over which a second one makes the photo one of several",
    .least = 0, .most = 1}};
inline const Setting<double> faces_sharpness{{
    .path = "faces.enrol.sharpness", .kind = Kind::real, .fallback = "0",
    .about = "Sharpness under which a photo is refused as blurred; 0: the measured default", .least = 0, .most = 100000}};
inline const Setting<double> faces_looks_like{{
    .path = "faces.enrol.looks_like", .kind = Kind::real, .fallback = "0.6",
    .about = "Similarity to another person from which a photo is reported", .least = 0, .most = 1}};

inline const Setting<bool> python_enabled{{
    .path = "python.enabled", .kind = Kind::boolean, .fallback = "true", .about = "May workflows bring Python code"}};
inline const Setting<std::size_t> python_workers{{
    .path = "python.workers", .kind = Kind::integer, .fallback = "2", .about = "Worker processes", .least = 1, .most = 64}};
inline const Setting<Milliseconds> python_timeout{{
    .path = "python.timeout", .kind = Kind::duration, .fallback = "30s", .about = "Longest that one call may take",
    .least = 100, .most = 3600000}};
inline const Setting<std::size_t> python_memory{{
    .path = "python.memory", .kind = Kind::size, .fallback = "1GiB", .about = "Most memory of one worker",
    .least = 134217728.0, .most = 1099511627776.0}};
inline const Setting<Value> python_network{{
    .path = "python.network", .kind = Kind::network, .fallback = "all",
    .about = "Whom user code may call: all, none, or a list of host:port"}};
inline const Setting<MaybeText> python_interpreter{{
    .path = "python.interpreter", .kind = Kind::path,
    .about = "CPython 3.11 with what user code imports; null: .venv/bin/python beside the program", .nullable = true}};
inline const Setting<Texts> python_path{{
    .path = "python.path", .kind = Kind::texts, .fallback = "[]", .about = "Further folders that user code imports from"}};

inline const Setting<std::string> blocks_files{{
    .path = "blocks.files", .kind = Kind::path, .fallback = "./data/files",
    .about = "The root that file sinks may write under"}};
inline const Setting<Texts> blocks_env{{
    .path = "blocks.env", .kind = Kind::texts, .fallback = "[]",
    .about = "Environment variables that a workflow may read"}};
inline const Setting<bool> blocks_fetch_urls{{
    .path = "blocks.fetch_urls", .kind = Kind::boolean, .fallback = "false", .about = "May pictures be given by URL"}};
inline const Setting<bool> blocks_fetch_private{{
    .path = "blocks.fetch_private", .kind = Kind::boolean, .fallback = "false",
    .about = "May such a URL lead to a loopback, private or link-local address"}};

inline const Setting<std::string> workflows{{
    .path = "workflows", .kind = Kind::path, .fallback = "./workflows",
    .about = "Folder where NAME.json is workflow NAME"}};

// Known already, so that a file that has them is read; each becomes true when its part is built.
inline const Setting<Value> frame_links{{
    .path = "frame_links", .kind = Kind::records, .fallback = "[]", .about = "TCP links that listen for pictures",
    .later = true,
    .items = {{.path = "name"}, {.path = "listen", .kind = Kind::address}, {.path = "workflow"},
              {.path = "max_lag", .kind = Kind::duration}, {.path = "lag_from"},
              {.path = "max_frame", .kind = Kind::size}}}};
inline const Setting<Value> frame_pushes{{
    .path = "frame_pushes", .kind = Kind::records, .fallback = "[]", .about = "TCP links that call another program",
    .later = true,
    .items = {{.path = "name"}, {.path = "connect", .kind = Kind::address}, {.path = "source"},
              {.path = "retry", .kind = Kind::duration}}}};
inline const Setting<Value> task_links{{
    .path = "task_links", .kind = Kind::records, .fallback = "[]", .about = "WebSocket recognition", .later = true,
    .items = {{.path = "name"}, {.path = "path"}, {.path = "listen", .kind = Kind::address, .nullable = true},
              {.path = "workflows", .kind = Kind::open}, {.path = "output", .nullable = true},
              {.path = "keep", .kind = Kind::duration}, {.path = "wrap"}, {.path = "auth"}, {.path = "origins"},
              {.path = "allow", .kind = Kind::texts}, {.path = "priority"},
              {.path = "errors", .kind = Kind::boolean}, {.path = "max_message", .kind = Kind::size}}}};

inline const Setting<std::string> mqtt_broker{{
    .path = "mqtt.broker", .fallback = "embedded", .about = "embedded, or mqtt://host:1883", .later = true}};
inline const Setting<std::string> mqtt_listen{{
    .path = "mqtt.listen", .kind = Kind::address, .fallback = "127.0.0.1:1883", .about = "Address of the embedded broker",
    .later = true}};
inline const Setting<std::size_t> mqtt_queue_bytes{{
    .path = "mqtt.queue_bytes", .kind = Kind::size, .fallback = "2GiB", .about = "What the broker may hold back",
    .later = true}};
inline const Setting<MaybeText> mqtt_username{{
    .path = "mqtt.username", .about = "Name that devices log in with", .nullable = true, .later = true}};
inline const Setting<MaybeText> mqtt_password{{
    .path = "mqtt.password", .about = "Password that devices log in with", .nullable = true, .secret = true, .later = true}};

inline const Setting<bool> devices_discover{{
    .path = "devices.discover", .kind = Kind::boolean, .fallback = "true",
    .about = "Take any serial that reports in a known dialect", .later = true}};
inline const Setting<Value> devices_workflows{{
    .path = "devices.workflows", .kind = Kind::open, .fallback = "{}", .about = "Workflow for each event type",
    .later = true}};
inline const Setting<Milliseconds> devices_raw_ttl{{
    .path = "devices.raw_ttl", .kind = Kind::duration, .fallback = "10s",
    .about = "How long a POST / command may wait for its device", .later = true}};
inline const Setting<Value> devices_list{{
    .path = "devices.list", .kind = Kind::records, .fallback = "[]", .about = "Devices that are known beforehand",
    .later = true,
    .items = {{.path = "serial"}, {.path = "dialect"}, {.path = "name"}, {.path = "time_zone", .nullable = true},
              {.path = "workflows", .kind = Kind::open}}}};
inline const Setting<Texts> downlink_allow{{
    .path = "downlink.allow", .kind = Kind::texts, .fallback = "[]",
    .about = "Networks that may use POST / without a key, when keys are needed", .later = true}};

inline const Setting<std::string> plugins_path{{
    .path = "plugins.path", .kind = Kind::path, .fallback = "./plugins", .about = "Folder of AIGES wrappers", .later = true}};
inline const Setting<std::size_t> plugins_instances{{
    .path = "plugins.instances", .kind = Kind::integer, .fallback = "1", .about = "Processes for each wrapper",
    .least = 1, .most = 64, .later = true}};
inline const Setting<Milliseconds> plugins_timeout{{
    .path = "plugins.timeout", .kind = Kind::duration, .fallback = "120s", .about = "Longest that one call may take",
    .later = true}};
inline const Setting<MaybeText> plugins_listen{{
    .path = "plugins.listen", .kind = Kind::address, .about = "A listener with AIGES's root routes", .nullable = true,
    .later = true}};
inline const Setting<Value> plugins_config{{
    .path = "plugins.config", .kind = Kind::open, .fallback = "{}", .about = "Laid over each wrapper's own config",
    .later = true}};

inline const Setting<Value> delivery_sinks{{
    .path = "delivery.sinks", .kind = Kind::records, .fallback = "[]", .about = "Who is told of events", .later = true,
    .items = {{.path = "name"}, {.path = "to"}, {.path = "events", .kind = Kind::texts}, {.path = "format"},
              {.path = "order"}, {.path = "concurrency", .kind = Kind::integer},
              {.path = "timeout", .kind = Kind::duration},
              {.path = "sign", .nullable = true, .secret = true}}}};
inline const Setting<Milliseconds> delivery_retry_first{{
    .path = "delivery.retry.first", .kind = Kind::duration, .fallback = "500ms", .about = "Pause before the second try",
    .later = true}};
inline const Setting<Milliseconds> delivery_retry_most{{
    .path = "delivery.retry.most", .kind = Kind::duration, .fallback = "60s", .about = "Longest pause between tries",
    .later = true}};
inline const Setting<Milliseconds> delivery_retry_give_up{{
    .path = "delivery.retry.give_up", .kind = Kind::duration, .fallback = "7d",
    .about = "Age at which an event becomes a dead letter", .later = true}};
inline const Setting<std::int64_t> delivery_retry_client_errors{{
    .path = "delivery.retry.client_errors", .kind = Kind::integer, .fallback = "3",
    .about = "Refusals with 4xx after which an event becomes a dead letter", .least = 1, .most = 100, .later = true}};

inline const Setting<Milliseconds> retention_events{{
    .path = "retention.events", .kind = Kind::duration, .fallback = "365d", .about = "How long events are kept",
    .later = true}};
inline const Setting<Milliseconds> retention_pictures{{
    .path = "retention.pictures", .kind = Kind::duration, .fallback = "30d", .about = "How long pictures are kept",
    .later = true}};
inline const Setting<Milliseconds> retention_deliveries{{
    .path = "retention.deliveries", .kind = Kind::duration, .fallback = "30d", .about = "How long deliveries are kept",
    .later = true}};
// clang-format on

}  // namespace vedette::server::keys
