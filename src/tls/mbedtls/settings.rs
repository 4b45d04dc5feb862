// SPDX-License-Identifier: Apache-2.0
//! Converts a [`TlsConfig`] to the settings of one connection.

use super::credentials::Survey;
use super::identity::{read_identity, registered_identity};
use super::roots::Authorities;
use crate::sys::tls::Identity;
use crate::tls::config::{DatePolicy, Roots, TlsConfig};
use crate::tls::{Date, TlsError};

impl<'a> TlsConfig<'a> {
    /// The date for the check of certificates; `None` if dates are not checked.
    pub(crate) fn date(&self, now: Option<i64>) -> Result<Option<Date>, TlsError> {
        match (now, self.dates) {
            (Some(now), _) => Ok(Some(Date::from_unix(now))),
            (None, DatePolicy::IgnoredWithoutClock) => Ok(None),
            (None, _) if !self.is_verified => Ok(None),
            (None, _) => Err(TlsError::ClockNotSet),
        }
    }

    /// The roots: those that were set, or else registered ones, or else the built-in ones.
    pub(super) const fn authorities(&self, survey: &Survey) -> Authorities<'a> {
        match self.roots {
            Roots::Bundle if survey.has_authorities => Authorities::Registered(self.tags),
            Roots::Bundle => Authorities::Bundle,
            Roots::Given(texts) => Authorities::Given(texts),
            Roots::BundleAnd(texts) => Authorities::BundleAnd(texts),
        }
    }

    /// The roots and the client certificate: those that were set, or else registered ones.
    pub(super) fn resolve(&self) -> Result<(Authorities<'a>, Option<Identity>), TlsError> {
        let survey = Survey::of(self.tags)?;
        let identity = match (self.identity, survey.identity) {
            (Some((certificates, key)), _) => Some(read_identity(certificates, key)?),
            (None, Some(tag)) => Some(registered_identity(tag)?),
            (None, None) => None,
        };
        Ok((self.authorities(&survey), identity))
    }
}
