//! What the worker tells over HTTP: numbers, whether it is well, and how each camera is. Nothing here changes anything,
//! and nothing tells an address or a password.

use super::worker::Worker;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use std::sync::Arc;

/// The version of Prometheus' text format.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) fn router(worker: Arc<Worker>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/status", get(status))
        .with_state(worker)
}

async fn metrics(State(worker): State<Arc<Worker>>) -> Response {
    match worker.metrics.as_text() {
        Ok(text) => ([(header::CONTENT_TYPE, TEXT_FORMAT)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn healthz(State(worker): State<Arc<Worker>>) -> Response {
    answer(worker.is_healthy(), "ok", "the worker's own threads are stuck: restart it")
}

async fn readyz(State(worker): State<Arc<Worker>>) -> Response {
    answer(worker.is_ready(), "ready", "starting or stopping")
}

async fn status(State(worker): State<Arc<Worker>>) -> Response {
    Json(worker.report()).into_response()
}

fn answer(is_well: bool, well: &'static str, otherwise: &'static str) -> Response {
    if is_well {
        (StatusCode::OK, well).into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, otherwise).into_response()
    }
}
