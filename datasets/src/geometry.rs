//! Points in the room, and the lens that projects them.
//!
//! Metres; x to the right along the front wall, y up, z into the room. Angles of heading: 0 faces +z, 90 degrees +x.

/// A point or direction in the room, metres.
pub(crate) type Vec3 = [f32; 3];

pub(crate) fn add(a: Vec3, b: Vec3) -> Vec3 {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

pub(crate) fn sub(a: Vec3, b: Vec3) -> Vec3 {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

pub(crate) fn scale(a: Vec3, by: f32) -> Vec3 {
    [a[0] * by, a[1] * by, a[2] * by]
}

pub(crate) fn dot(a: Vec3, b: Vec3) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(crate) fn lerp(a: Vec3, b: Vec3, share: f32) -> Vec3 {
    add(a, scale(sub(b, a), share))
}

/// Where a camera hangs and looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) at: Vec3,
    pub(crate) yaw_deg: f32,
    pub(crate) pitch_down_deg: f32,
    pub(crate) field_of_view_deg: f32,
}

/// A point of the room as the camera sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Projected {
    pub(crate) x_px: f32,
    pub(crate) y_px: f32,
    /// Metres along the optical axis.
    pub(crate) depth_m: f32,
}

/// A pinhole camera.
#[derive(Clone, Debug)]
pub(crate) struct Lens {
    at: Vec3,
    yaw: (f32, f32),
    pitch: (f32, f32),
    focal_px: f32,
    centre_px: (f32, f32),
}

/// Nothing nearer than this is projected.
const DEPTH_MIN_M: f32 = 0.2;

impl Lens {
    pub(crate) fn new(view: &View, width_px: usize, height_px: usize) -> Self {
        let half_width_px = width_px as f32 / 2.0;
        Self {
            at: view.at,
            yaw: view.yaw_deg.to_radians().sin_cos(),
            pitch: view.pitch_down_deg.to_radians().sin_cos(),
            focal_px: half_width_px / (view.field_of_view_deg / 2.0).to_radians().tan(),
            centre_px: (half_width_px, height_px as f32 / 2.0),
        }
    }

    pub(crate) fn at(&self) -> Vec3 {
        self.at
    }

    /// `None` behind or at the camera.
    pub(crate) fn project(&self, point: Vec3) -> Option<Projected> {
        let d = sub(point, self.at);
        let (sin_yaw, cos_yaw) = self.yaw;
        let (sin_pitch, cos_pitch) = self.pitch;
        let right = d[0] * cos_yaw - d[2] * sin_yaw;
        let ahead = d[0] * sin_yaw + d[2] * cos_yaw;
        let depth_m = ahead * cos_pitch - d[1] * sin_pitch;
        let up = ahead * sin_pitch + d[1] * cos_pitch;
        (depth_m > DEPTH_MIN_M).then(|| Projected {
            x_px: self.centre_px.0 + self.focal_px * right / depth_m,
            y_px: self.centre_px.1 - self.focal_px * up / depth_m,
            depth_m,
        })
    }

    /// The direction through a point of the picture; its length is one metre of depth.
    pub(crate) fn ray(&self, x_px: f32, y_px: f32) -> Vec3 {
        let right = (x_px - self.centre_px.0) / self.focal_px;
        let up = (self.centre_px.1 - y_px) / self.focal_px;
        let (sin_yaw, cos_yaw) = self.yaw;
        let (sin_pitch, cos_pitch) = self.pitch;
        let ahead = cos_pitch + up * sin_pitch;
        let rise = up * cos_pitch - sin_pitch;
        [right * cos_yaw + ahead * sin_yaw, rise, ahead * cos_yaw - right * sin_yaw]
    }

    /// Pixels that a metre covers at a depth.
    pub(crate) fn px_per_m(&self, depth_m: f32) -> f32 {
        self.focal_px / depth_m
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ray_passes_through_the_point_that_it_was_projected_from() {
        let view = View { at: [0.3, 2.6, 0.2], yaw_deg: 38.0, pitch_down_deg: 24.0, field_of_view_deg: 84.0 };
        let lens = Lens::new(&view, 480, 270);
        let point = [2.9, 0.7, 4.4];
        let seen = lens.project(point).unwrap();
        let back = add(lens.at(), scale(lens.ray(seen.x_px, seen.y_px), seen.depth_m));
        for axis in 0..3 {
            assert!((back[axis] - point[axis]).abs() < 1e-3, "{back:?} is not {point:?}");
        }
    }
}
